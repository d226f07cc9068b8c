"""A world of one model, one objective and its alerts, on virtual time."""

import asyncio
import logging
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from functools import cache
from typing import TYPE_CHECKING, TypeAlias

import structlog

from actors.alerting.alert import NEVER_FIRED, Transition, step
from actors.recording import Recordings, ScaledTimeline, TableKeeper, Tables
from actors.slo import Board, Judgement, Minute, SLOMonitor, severity_states
from supervisor.testing import VirtualTimeLoop
from supervisor.tree import ChildSpec, Supervisor, start_tree

if TYPE_CHECKING:
    from actors.alerting.alert import Alert
    from actors.config.settings import ObjectiveSettings
    from actors.recording.predict import Model

Span: TypeAlias = tuple[int, int | None]
MinuteOf: TypeAlias = Mapping[int, tuple[int, int]]
"""(bad, total) of each minute since the beginning that is not as usual."""

GOOD_SECONDS, BAD_SECONDS = 0.02, 0.25
HALF_A_MINUTE = 30.0


class PredictionError(Exception):
    """The model failed."""


class World:
    """Everything between a prediction and an alert.

    Args:
        settings: The objective; what is bad fails if it is availability, and is slow if it is latency.
        usual: Predictions of a minute in which nothing is said otherwise.

    Attributes:
        rules: When each rule was true, by its windows: minutes of the beginning and the end.
        alerts: When each severity's alert fired and resolved, likewise.
        board: The newest judgements.
    """

    def __init__(self, settings: "ObjectiveSettings", usual: int = 1000) -> None:
        self._settings, self._usual = settings, usual
        self.rules: dict[str, list[Span]] = {}
        self.alerts: dict[str, list[Span]] = {"page": [], "ticket": []}
        self.board: Board = {}
        self.judged = 0
        self._alerts: dict[str, Alert] = dict.fromkeys(self.alerts, NEVER_FIRED)
        self._first = 0

    async def live(self, minutes: int, events: MinuteOf) -> None:
        """Let so many minutes of traffic pass."""
        tables = Tables([] if self._settings.threshold is None else [self._settings.threshold])
        recordings, timeline = Recordings(tables), ScaledTimeline()
        self._first = timeline.minute()
        keeper = ChildSpec("tables", TableKeeper, (recordings, timeline, 60.0, self._closed))
        monitor = ChildSpec(
            self._settings.name, SLOMonitor, (self._settings, tables, self._report, self.board)
        )
        async with start_tree(Supervisor.spec("root", [keeper, monitor])) as tree:
            self._monitor = tree.ref(self._settings.name)
            await self._predict(recordings, minutes, events)
            await asyncio.sleep(HALF_A_MINUTE)

    async def _predict(self, recordings: Recordings, minutes: int, events: MinuteOf) -> None:
        """In the middle of each minute: one prediction as a span, the others as what spans leave behind."""
        model = recordings.model("fraud", "1")
        fails = self._settings.sli == "availability"
        for minute in range(minutes):
            await asyncio.sleep(HALF_A_MINUTE if minute == 0 else 2 * HALF_A_MINUTE)
            bad, total = events.get(minute, (0, self._usual))
            if fails and bad == total:
                _fail(model)
                bad, total = bad - 1, total - 1
            elif bad < total:
                _succeed(model)
                total -= 1
            model.buffers.ok.extend(_took(total - bad))
            if bad:
                (model.buffers.errors if fails else model.buffers.ok).extend(_took(bad, slow=True))

    def _closed(self, minute: int) -> None:
        self._monitor.cast(Minute(minute))

    def _report(self, judgements: Sequence[Judgement]) -> None:
        (judgement,) = judgements
        self.judged += 1
        tick = judgement.minute + 1 - self._first
        for rule in judgement.rules:
            _note(self.rules.setdefault(f"{rule.long}/{rule.short}", []), tick, is_on=rule.is_true is True)
        for severity, is_active in severity_states(judgement).items():
            alert, changes = step(self._alerts[severity], is_active, tick * 60.0, self._settings.resolve_hold)
            self._alerts[severity] = alert
            self._note_alert(self.alerts[severity], changes)

    def _note_alert(self, spans: list[Span], changes: Sequence[Transition]) -> None:
        for change in changes:
            _note(spans, round(change.at / 60), is_on=change.after == "firing")


def run(world: World, minutes: int, events: MinuteOf) -> World:
    """Live on a loop of its own, whose time costs nothing, and quietly: a line a minute would be many."""
    with quiet(), asyncio.Runner(loop_factory=VirtualTimeLoop) as runner:
        runner.run(world.live(minutes, events))
    return world


@contextmanager
def quiet() -> Iterator[None]:
    """Nothing below an error is logged in the block."""
    before = structlog.get_config()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    try:
        yield
    finally:
        structlog.configure(**before)


@cache
def _took(predictions: int, *, slow: bool = False) -> tuple[float, ...]:
    return (BAD_SECONDS if slow else GOOD_SECONDS,) * predictions


def _note(spans: list[Span], tick: int, *, is_on: bool) -> None:
    was_on = bool(spans) and spans[-1][1] is None
    if is_on and not was_on:
        spans.append((tick, None))
    elif was_on and not is_on:
        spans[-1] = (spans[-1][0], tick)


def _succeed(model: "Model") -> None:
    with model.span():
        pass


def _fail(model: "Model") -> None:
    with suppress(PredictionError), model.span():
        raise PredictionError
