"""The acts of the demo as data: what happens, and what must be measured before the next one begins."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, Literal, TypeAlias

from actors.demo.delivered import Delivery, accepted, still_open
from actors.demo.digits import VERSIONS
from actors.demo.fault import Fault
from actors.demo.picture import Picture
from actors.demo.plan import AVAILABILITY, LATENCY

if TYPE_CHECKING:
    from supervisor.clock import Seconds

FAULTY: Final = "v2"
FAULT: Final = Fault(slow_seconds=0.15, fail_share=0.25)
HEALTHY_PREDICTIONS: Final = 400
"""Of each version, counted by the node before anything is broken."""
PREDICTIONS_AFTER_KILL: Final = 60

SLO_ACTOR: Final = "slo/monitor"
RECORDER: Final = "recording/recorder"

Deed: TypeAlias = Literal["nothing", "break", "kill", "heal", "stop traffic"]


@dataclass(frozen=True, slots=True)
class Facts:
    """What has been measured so far.

    Attributes:
        picture: The node, at the last look.
        sent: Requests by version, as their senders count them.
        in_flight: Requests without an answer yet, of all versions.
        deliveries: All that came to Slack and PagerDuty.
        sent_at_start: `sent` as the act began.
        back: Whether every actor that was killed runs again; None if none was killed yet.
    """

    picture: Picture
    sent: Mapping[str, int] = field(default_factory=dict)
    in_flight: int = 0
    deliveries: tuple[Delivery, ...] = ()
    sent_at_start: Mapping[str, int] = field(default_factory=dict)
    back: bool | None = None


@dataclass(frozen=True, slots=True)
class Act:
    """One act.

    Attributes:
        name: In a word or two.
        tells: What happens, for the audience.
        waits_for: What must be measured before it is over, for the audience.
        deed: What is done as it begins.
        is_over: Whether it has been measured.
        at_least: Seconds it is shown even if that was measured sooner.
        limit: Seconds after which it has failed, and the story goes on without it.
    """

    name: str
    tells: str
    waits_for: str
    deed: Deed
    is_over: Callable[[Facts], bool]
    at_least: "Seconds"
    limit: "Seconds"


def is_healthy(facts: Facts) -> bool:
    """The node has counted enough predictions of each version, and judges both objectives."""
    return all(
        (judged := facts.picture.objective(slo, version)) is not None and judged.total >= HEALTHY_PREDICTIONS
        for slo in (AVAILABILITY, LATENCY)
        for version in VERSIONS
    )


def is_noticed(facts: Facts) -> bool:
    """Both objectives of the faulty version page, PagerDuty has it, Slack has it."""
    paged = {(one.slo, one.version) for one in facts.picture.open_alerts("page")}
    if not paged >= {(AVAILABILITY, FAULTY), (LATENCY, FAULTY)}:
        return False
    woken = [one for one in accepted(facts.deliveries, "pagerduty") if one.action == "firing"]
    told = [one for one in accepted(facts.deliveries, "slack") if one.action == "firing"]
    return len(woken) >= 2 and len(told) >= 2


def is_back(facts: Facts) -> bool:
    """The killed actors run again, and have seen more predictions since."""
    since = facts.sent.get(FAULTY, 0) - facts.sent_at_start.get(FAULTY, 0)
    return facts.back is True and since >= PREDICTIONS_AFTER_KILL


def is_resolved(facts: Facts) -> bool:
    """No alert is open, and everybody who was told of one has been told of its end."""
    return not facts.picture.open_alerts() and is_quiet(facts) and not still_open(facts.deliveries)


def is_counted(facts: Facts) -> bool:
    """Every request has its answer, the node has counted as many as were sent, nothing is left to be told."""
    counted = {
        version: 0 if (judged := facts.picture.objective(AVAILABILITY, version)) is None else judged.total
        for version in facts.sent
    }
    return facts.in_flight == 0 and counted == facts.sent and is_resolved(facts)


def is_quiet(facts: Facts) -> bool:
    """No notification waits."""
    return all(outbox.pending == 0 for outbox in facts.picture.outbox.values())


STORY: Final = (
    Act(
        name="healthy",
        tells="two versions of a digit classifier answer, each in a process of its own",
        waits_for=f"the node has counted {HEALTHY_PREDICTIONS} predictions of each version",
        deed="nothing",
        is_over=is_healthy,
        at_least=8.0,
        limit=15.0,
    ),
    Act(
        name="fault",
        tells=f"{FAULTY} takes {FAULT.slow_seconds * 1000:.0f} ms longer and raises on every fourth input",
        waits_for="both objectives page; Slack and PagerDuty have been called",
        deed="break",
        is_over=is_noticed,
        at_least=3.0,
        limit=12.0,
    ),
    Act(
        name="kill",
        tells=f"{SLO_ACTOR!r} on the node and {RECORDER!r} inside {FAULTY} are killed, under load",
        waits_for="both are back and have seen more predictions",
        deed="kill",
        is_over=is_back,
        at_least=3.0,
        limit=8.0,
    ),
    Act(
        name="recovery",
        tells="the fault is lifted; the windows have to forget it",
        waits_for="every alert is resolved, and everybody has been told",
        deed="heal",
        is_over=is_resolved,
        at_least=2.0,
        limit=26.0,
    ),
    Act(
        name="count",
        tells="nobody asks any more; now everything must have been counted",
        waits_for="the node's totals are the senders' totals",
        deed="stop traffic",
        is_over=is_counted,
        at_least=0.5,
        limit=6.0,
    ),
)
