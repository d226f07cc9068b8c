"""No time, little time, strange time: nothing pages falsely, and nothing heals falsely.

From predictions through the recorder's buffers, the keeper of the minutes and the tables to the evaluator, as
a node has them, on virtual time.
"""

import asyncio
from contextlib import asynccontextmanager
from fractions import Fraction
from typing import TYPE_CHECKING

import pytest

from actors.recording import Recorder, Recordings, ScaledTimeline, TableKeeper, Tables
from actors.slo.evaluator import Evaluator
from actors.slo.objective import Objective
from supervisor.testing import VirtualTimeLoop, settle
from supervisor.tree import ChildSpec, Supervisor, start_tree

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from actors.slo.evaluated import RuleChange

HOUR = 60
DAY = 24 * HOUR
PROMISE = Objective("fraud", "availability", Fraction(999, 1000), 30 * DAY)


class Watch:
    """A small node: what is predicted in each minute goes in, changes of rules come out.

    Attributes:
        changes: All so far, "1h/5m fired".
        minutes: Those that were judged.
        is_partial: Whether a peer is not heard.
    """

    def __init__(self) -> None:
        self.recordings = Recordings(Tables([]))
        self.model = self.recordings.model("fraud")
        self.evaluator = Evaluator([PROMISE], self.recordings.tables)
        self.changes: list[str] = []
        self.minutes: list[int] = []
        self.is_partial = False
        self.timeline: ScaledTimeline

    @asynccontextmanager
    async def running(self) -> "AsyncIterator[None]":
        """From a start to a stop; tables and rules go on from where they were."""
        self.timeline = ScaledTimeline()
        if self.recordings.tables.minute is not None:
            self.timeline.go_on_after(self.recordings.tables.minute)
        keeper = (self.recordings, self.timeline, 60.0, self._judge, _written)
        recording = Supervisor.spec(
            "recording",
            [
                ChildSpec("tables", TableKeeper, keeper, mailbox="keep"),
                ChildSpec("recorder", Recorder, (self.recordings, 20.0), mailbox="keep"),
            ],
        )
        async with start_tree(Supervisor.spec("root", [recording])):
            yield

    async def minute(self, good: int = 0, bad: int = 0) -> None:
        """Let so many be predicted at the middle of a minute, and see it judged."""
        await self.until(30.0)
        self.model.buffers.ok.extend([0.01] * good)
        self.model.buffers.errors.extend([0.01] * bad)
        await self.until(60.5)
        await settle()

    async def minutes_of(self, count: int, good: int = 0, bad: int = 0) -> None:
        for _ in range(count):
            await self.minute(good, bad)

    def take(self) -> list[str]:
        """The changes since the last time."""
        taken, self.changes = self.changes, []
        return taken

    async def until(self, second: float) -> None:
        """Sleep until so many seconds into a minute, or until just after its end."""
        into = (self.timeline.now() - 0.5) % 60.0
        await asyncio.sleep((second - 0.5 - into) % 60.0 or 60.0)

    def _judge(self, minute: int) -> None:
        self.minutes.append(minute)
        evaluated = self.evaluator.evaluate(is_partial=self.is_partial)
        self.changes += [shown(change) for change in evaluated.changes]


async def _written(_: int) -> None:
    """The minute is on the disk."""


def shown(change: "RuleChange") -> str:
    muted = " (muted)" if change.is_muted else ""
    return f"{change.severity} {change.rule} {change.kind}{muted}"


FIRED = [
    "page 1h/5m fired",
    "page 6h/30m fired",
    "ticket 24h/2h fired (muted)",
    "ticket 3d/6h fired (muted)",
]


# --- no traffic, and little of it -------------------------------------------------------------------------


async def test_objective_without_any_traffic_says_nothing() -> None:
    watch = Watch()
    async with watch.running():
        await watch.minutes_of(DAY)
    assert watch.take() == []
    assert watch.evaluator.judgements() == []


async def test_traffic_that_stops_pages_nobody_and_makes_the_objective_blind() -> None:
    """Silence is not health, and no failure either; the ticket says that nothing is known."""
    watch = Watch()
    async with watch.running():
        await watch.minutes_of(3 * HOUR, good=100)
        await watch.minutes_of(HOUR)
        assert watch.take() == ["ticket blind fired"]
        await watch.minutes_of(HOUR, good=100)
        assert watch.take() == ["ticket blind resolved"]


async def test_alert_is_not_healed_by_silence_but_by_good_events() -> None:
    watch = Watch()
    async with watch.running():
        await watch.minutes_of(3 * HOUR, good=100)
        await watch.minutes_of(10, bad=100)
        assert watch.take() == FIRED
        await watch.minutes_of(5 * HOUR)
        assert watch.take() == ["ticket blind fired"]
        await watch.minutes_of(5, good=100)
        assert watch.take() == []  # the hold
        await watch.minutes_of(30, good=100)
        assert watch.take()[:2] == ["page 1h/5m resolved", "page 6h/30m resolved"]


async def test_failure_of_one_request_an_hour_pages_nobody() -> None:
    """By the ratio of the last hour it burns at 1,000."""
    watch = Watch()
    async with watch.running():
        for hour in range(24):
            is_bad = hour in {5, 8, 20}
            await watch.minute(good=not is_bad, bad=is_bad)
            await watch.minutes_of(HOUR - 1)
    assert watch.take() == []


async def test_outage_of_one_request_an_hour_is_a_ticket_at_the_fifth_failure() -> None:
    """No hour holds five failures, so there is no page; nor does the silence between two heal it."""
    watch = Watch()
    async with watch.running():
        for _ in range(12):
            await watch.minute(good=1)
            await watch.minutes_of(HOUR - 1)
        for failures in range(1, 8):
            await watch.minute(bad=1)
            expected = {5: ["page 6h/30m fired", "ticket 24h/2h fired (muted)", "ticket 3d/6h fired (muted)"]}
            assert watch.take() == expected.get(failures, [])
            await watch.minutes_of(HOUR - 1)
            assert watch.take() == []


# --- beginnings and ends ----------------------------------------------------------------------------------


async def test_new_deployment_is_not_paged_for_its_first_failures() -> None:
    """1 % of two minutes would be above three rules, were two minutes taken for three days."""
    watch = Watch()
    async with watch.running():
        await watch.minutes_of(2, good=990, bad=10)
        await watch.minutes_of(2 * HOUR, good=1000)
    assert watch.take() == []


async def test_new_deployment_that_fails_wholly_pages_in_its_first_minute() -> None:
    """Nothing that the minutes before could have held would have prevented it."""
    watch = Watch()
    async with watch.running():
        await watch.minute(bad=1000)
    assert "page 1h/5m fired" in watch.take()


async def test_peer_that_vanishes_neither_pages_nor_heals() -> None:
    watch = Watch()
    async with watch.running():
        await watch.minutes_of(3 * HOUR, good=100)
        await watch.minutes_of(10, bad=100)
        assert watch.take() == FIRED
        watch.is_partial = True
        await watch.minutes_of(HOUR)
        assert watch.take() == ["ticket blind fired"]
        watch.is_partial = False
        await watch.minutes_of(40, good=100)
        assert watch.take()[:2] == ["page 1h/5m resolved", "page 6h/30m resolved"]


# --- clocks -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("jump", [-3600.0, 3600.0], ids=["back", "forward"])
@pytest.mark.parametrize("is_ill", [False, True], ids=["well", "ill"])
async def test_wall_clock_that_is_set_while_the_node_runs_changes_nothing(
    jump: float, *, is_ill: bool
) -> None:
    watch = Watch()
    async with watch.running():
        before = await begun(watch, is_ill=is_ill)
        set_clock(jump)
        await watch.minutes_of(3, bad=100 * is_ill, good=100 * (not is_ill))
    assert watch.take() == []
    assert watch.minutes[before:] == list(range(watch.minutes[before - 1] + 1, watch.minutes[-1] + 1))


@pytest.mark.parametrize("is_ill", [False, True], ids=["well", "ill"])
async def test_restart_with_the_clock_an_hour_back_goes_on_at_once(*, is_ill: bool) -> None:
    """Else that hour would be counted into minutes that are over, and judged by nobody."""
    watch = Watch()
    async with watch.running():
        before = await begun(watch, is_ill=is_ill)
    set_clock(-3600.0)
    async with watch.running():
        await watch.minutes_of(3, bad=100 * is_ill, good=100 * (not is_ill))
        assert watch.take() == []
        assert len(watch.minutes) == before + 3
        await watch.minutes_of(3, bad=100)
    assert watch.take() == ([] if is_ill else FIRED)


@pytest.mark.parametrize("is_ill", [False, True], ids=["well", "ill"])
async def test_restart_with_the_clock_an_hour_ahead_loses_an_hour_and_no_alert(*, is_ill: bool) -> None:
    watch = Watch()
    async with watch.running():
        await begun(watch, is_ill=is_ill)
    set_clock(3600.0)
    async with watch.running():
        await watch.minutes_of(3, bad=100 * is_ill, good=100 * (not is_ill))
        assert watch.take() == ["ticket blind fired"]  # of the last hour, nothing is known
        await watch.minutes_of(40, good=100)
    healed = ["page 1h/5m resolved", "page 6h/30m resolved"] if is_ill else []
    assert [change for change in watch.take() if change.startswith("page")] == healed


@pytest.mark.parametrize("hours", [0.1, 1, 8, 100])
@pytest.mark.parametrize("is_ill", [False, True], ids=["well", "ill"])
async def test_machine_that_sleeps_neither_pages_nor_heals(hours: float, *, is_ill: bool) -> None:
    watch = Watch()
    async with watch.running():
        await begun(watch, is_ill=is_ill)
        sleep_machine(hours * 3600.0)
        await watch.minutes_of(2)
        assert [change for change in watch.take() if "blind" not in change] == []
        await watch.minutes_of(60, good=100)
        healed = [change for change in watch.take() if change.startswith("page")]
    assert healed == (["page 1h/5m resolved", "page 6h/30m resolved"] if is_ill else [])


async def test_failures_from_before_a_sleep_are_not_taken_for_those_of_the_morning() -> None:
    """The last minute of the evening was bad; it is judged, as what it was."""
    watch = Watch()
    async with watch.running():
        await watch.minutes_of(3 * HOUR, good=100)
        await watch.until(20.0)
        watch.model.buffers.errors.extend([0.01] * 100)
        await asyncio.sleep(21.0)
        evening = watch.timeline.minute()
        sleep_machine(8 * 3600.0)
        await watch.minutes_of(2, good=100)
        assert watch.take() == ["page 1h/5m fired", "ticket blind fired"]
        assert evening in watch.minutes
        await watch.minutes_of(10, good=100)
        assert watch.take() == ["page 1h/5m resolved"]


async def test_first_failures_after_a_sleep_page_nobody() -> None:
    """5 of 200 are above the rule; of the last hour two minutes are known."""
    watch = Watch()
    async with watch.running():
        await watch.minutes_of(3 * HOUR, good=100)
        sleep_machine(8 * 3600.0)
        await watch.minute()
        await watch.minutes_of(2, good=97, bad=3)
        await watch.minutes_of(HOUR, good=100)
    assert [change for change in watch.take() if change.startswith("page")] == []


async def begun(watch: Watch, *, is_ill: bool) -> int:
    """Three good hours, and ten minutes of an outage where it is ill; how many minutes were judged."""
    await watch.minutes_of(3 * HOUR, good=100)
    await watch.minutes_of(10, bad=100 * is_ill, good=100 * (not is_ill))
    assert watch.take() == (FIRED if is_ill else [])
    return len(watch.minutes)


def set_clock(seconds: float) -> None:
    """Set the wall clock forward or back; nothing else in the machine moves."""
    loop = running_loop()
    before = loop.unix_time
    loop.unix_time = lambda: before() + seconds  # type: ignore[method-assign]


def sleep_machine(seconds: float) -> None:
    running_loop().sleep_machine(seconds)


def running_loop() -> VirtualTimeLoop:
    loop = asyncio.get_running_loop()
    assert isinstance(loop, VirtualTimeLoop)
    return loop
