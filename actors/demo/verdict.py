"""The verdict: each claim, whether it was measured true, and the measured values."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from rich.table import Table
from rich.text import Text

from actors.demo.delivered import Delivery, accepted, duplicates, retry_gaps, still_open
from actors.demo.plan import AVAILABILITY, LATENCY, OBJECTIVE, nominal_minutes

if TYPE_CHECKING:
    from actors.demo.picture import Outbox, Picture
    from actors.demo.traffic import Tally
    from supervisor.clock import Seconds

LEAST_RIGHT: Final = 0.9
"""Share of the held-out digits that a real classifier tells right at least."""
RETRY_AFTER: Final = 1.0
MOST_TO_DETECT: "Final[Seconds]" = 5.0
MOST_TO_RESTART: "Final[Seconds]" = 1.0
SERVICES: Final = {"ml-team": "slack", "oncall": "pagerduty"}
"""Which service a receiver of the demo calls."""


@dataclass(frozen=True, slots=True)
class Line:
    """One claim.

    Attributes:
        claim: What is claimed.
        is_true: Whether it was measured to be so.
        measured: The values.
    """

    claim: str
    is_true: bool
    measured: str


@dataclass(frozen=True, slots=True)
class Kill:
    """One actor that was killed.

    Attributes:
        path: Its place in the tree.
        where: In which process.
        back_after: Seconds until it ran again; None if it was not seen to.
    """

    path: str
    where: str
    back_after: "Seconds | None"


@dataclass(frozen=True, slots=True)
class Measured:
    """All that was measured.

    Attributes:
        tallies: What the senders saw, by version.
        picture: The node at the end.
        deliveries: All that came to the services.
        kills: The actors that were killed.
        early_pages: Deliveries to PagerDuty before anything was broken.
        detected_after: Seconds from the fault to the first page that PagerDuty took; None if there was none.
        fired: How many alerts fired in all, by severity.
        unfinished: Names of the acts whose end was not measured within their limit.
        expected_kills: How many actors were to be killed.
    """

    tallies: "Mapping[str, Tally]"
    picture: "Picture"
    deliveries: Sequence[Delivery]
    kills: Sequence[Kill]
    early_pages: int
    detected_after: "Seconds | None"
    unfinished: Sequence[str] = ()
    expected_kills: int = 2


def judge(measured: Measured) -> list[Line]:
    """Every claim of the demo, in order."""
    return [
        _story(measured),
        _answered(measured),
        _counted(measured),
        _errors(measured),
        _timed(measured),
        _right(measured),
        _budgets(measured),
        _calm(measured),
        _detected(measured),
        _decided(measured),
        *_delivered(measured),
        _retried(measured),
        _duplicates(measured),
        _refused(measured),
        _restarted(measured),
        _resolved(measured),
    ]


def is_passed(lines: Sequence[Line]) -> bool:
    """Whether everything was measured true."""
    return bool(lines) and all(line.is_true for line in lines)


def _story(measured: Measured) -> Line:
    late = ", ".join(measured.unfinished)
    return Line(
        "every act ended by what it waited for", not late, f"not within its limit: {late}" if late else "yes"
    )


def _answered(measured: Measured) -> Line:
    tallies = measured.tallies.values()
    sent, answered = sum(one.sent for one in tallies), sum(one.answered for one in tallies)
    errors = sum(one.errors for one in tallies)
    return Line(
        "sent = answered + errors",
        sent > 0 and sent == answered + errors,
        f"{sent:,} = {answered:,} + {errors:,}",
    )


def _counted(measured: Measured) -> Line:
    pairs = {version: (tally.sent, _total(measured, version)) for version, tally in measured.tallies.items()}
    return Line(
        "counted by the node = sent",
        all(sent == counted for sent, counted in pairs.values()) and bool(pairs),
        "; ".join(f"{version}: {counted:,} of {sent:,}" for version, (sent, counted) in pairs.items()),
    )


def _errors(measured: Measured) -> Line:
    pairs = {version: (tally.errors, _bad(measured, version)) for version, tally in measured.tallies.items()}
    return Line(
        "errors counted = errors seen",
        all(seen == counted for seen, counted in pairs.values()) and any(seen for seen, _ in pairs.values()),
        "; ".join(f"{version}: {counted:,} of {seen:,}" for version, (seen, counted) in pairs.items()),
    )


def _timed(measured: Measured) -> Line:
    """The latency objective judges answered requests, all of them."""
    pairs = {}
    for version, tally in measured.tallies.items():
        judged = measured.picture.objective(LATENCY, version)
        pairs[version] = (tally.answered, 0 if judged is None else judged.total)
    return Line(
        "timed by the node = answered",
        all(answered == timed for answered, timed in pairs.values()) and bool(pairs),
        "; ".join(f"{version}: {timed:,} of {answered:,}" for version, (answered, timed) in pairs.items()),
    )


def _right(measured: Measured) -> Line:
    shares = {
        version: tally.right / tally.answered if tally.answered else 0.0
        for version, tally in measured.tallies.items()
    }
    return Line(
        f"a real model: at least {LEAST_RIGHT:.0%} of unseen digits told right",
        all(share >= LEAST_RIGHT for share in shares.values()),
        "; ".join(f"{version}: {share:.1%}" for version, share in shares.items()),
    )


def _budgets(measured: Measured) -> Line:
    """The node's budget beside the one that follows from what the senders saw."""
    rows = []
    for version, tally in measured.tallies.items():
        judged = measured.picture.objective(AVAILABILITY, version)
        left = None if judged is None else judged.budget_left
        by_hand = tally.errors / ((1 - OBJECTIVE) * tally.sent) if tally.sent else 0.0
        rows.append((version, None if left is None else 1 - left, by_hand))
    return Line(
        "budget spent = errors seen / errors allowed",
        all(spent is not None and abs(spent - by_hand) < 1e-6 for _, spent, by_hand in rows),
        "; ".join(f"{version}: {'?' if spent is None else f'{spent:.0%}'}" for version, spent, _ in rows),
    )


def _calm(measured: Measured) -> Line:
    return Line(
        "nobody was woken while all was well", measured.early_pages == 0, f"{measured.early_pages} pages"
    )


def _detected(measured: Measured) -> Line:
    after = measured.detected_after
    claim = f"first page within {MOST_TO_DETECT:.0f} s of the fault"
    if after is None:
        return Line(claim, False, "never")
    return Line(
        claim,
        0 <= after <= MOST_TO_DETECT,
        f"{after:.2f} s, {nominal_minutes(after):.0f} minutes for the objectives",
    )


def _decided(measured: Measured) -> Line:
    """Both objectives of a version must have paged, and a page goes to both receivers."""
    decided = {name: outbox.decided for name, outbox in measured.picture.outbox.items()}
    return Line(
        "alerts decided",
        all(decided.get(name, 0) >= 4 for name in SERVICES),  # two pages, firing and resolved
        ", ".join(f"{name}: {count}" for name, count in decided.items()) or "none",
    )


def _delivered(measured: Measured) -> Iterator[Line]:
    for name, service in SERVICES.items():
        outbox = measured.picture.outbox.get(name)
        arrived = len(accepted(measured.deliveries, service))
        yield Line(
            f"delivered to {service} = decided for {name}",
            outbox is not None and _is_all_delivered(outbox, arrived),
            f"{arrived} arrived" if outbox is None else _how_it_stands(outbox, arrived),
        )


def _is_all_delivered(outbox: "Outbox", arrived: int) -> bool:
    nothing_left = outbox.pending == outbox.dead == 0
    return nothing_left and arrived == outbox.sent and outbox.sent + outbox.superseded == outbox.decided


def _how_it_stands(outbox: "Outbox", arrived: int) -> str:
    rest = {"superseded": outbox.superseded, "waiting": outbox.pending, "given up": outbox.dead}
    notes = "".join(f", {count} {what}" for what, count in rest.items() if count)
    return f"{arrived} of {outbox.decided}{notes}"


def _retried(measured: Measured) -> Line:
    gaps = retry_gaps(measured.deliveries, "slack")
    return Line(
        "Slack said 429: asked again, not before its Retry-After",
        bool(gaps) and all(gap >= RETRY_AFTER for gap in gaps),
        ", ".join(f"after {gap:.2f} s" for gap in gaps) or "never asked again",
    )


def _duplicates(measured: Measured) -> Line:
    repeated = duplicates(measured.deliveries)
    return Line("nobody was told anything twice", not repeated, f"{len(repeated)} duplicates")


def _refused(measured: Measured) -> Line:
    refused = [one for one in measured.deliveries if one.verdict == "refused"]
    why = "; ".join(problem for one in refused for problem in one.problems)
    return Line(
        "payloads refused by the documented rules: none",
        not refused,
        f"{len(refused)} of {len(measured.deliveries)}" + (f": {why}" if why else ""),
    )


def _restarted(measured: Measured) -> Line:
    back = [one.back_after for one in measured.kills]
    return Line(
        f"killed actors back within {MOST_TO_RESTART:.0f} s",
        len(back) == measured.expected_kills
        and all(one is not None and one <= MOST_TO_RESTART for one in back),
        "; ".join(
            f"{one.path} in {one.where}: "
            + ("never" if one.back_after is None else f"{one.back_after * 1000:.1f} ms")
            for one in measured.kills
        )
        or "none was killed",
    )


def _resolved(measured: Measured) -> Line:
    left, told = measured.picture.open_alerts(), still_open(measured.deliveries)
    known = len(measured.picture.alerts)
    return Line(
        "every alert resolved, at both ends",
        known > 0 and not left and not told,
        f"{known - len(left)} of {known} on the node; {len(told)} left open elsewhere",
    )


def _total(measured: Measured, version: str) -> int:
    judged = measured.picture.objective(AVAILABILITY, version)
    return 0 if judged is None else judged.total


def _bad(measured: Measured, version: str) -> int:
    judged = measured.picture.objective(AVAILABILITY, version)
    return 0 if judged is None else judged.total - judged.good


def as_json(lines: Sequence[Line], seconds: "Seconds") -> dict[str, object]:
    """For programs."""
    return {
        "passed": is_passed(lines),
        "seconds": round(seconds, 3),
        "lines": [{"claim": one.claim, "is_true": one.is_true, "measured": one.measured} for one in lines],
    }


def as_table(lines: Sequence[Line]) -> Table:
    """For people."""
    table = Table(title="Verdict", title_justify="left", show_lines=False)
    table.add_column("", width=1)
    table.add_column("claim")
    table.add_column("measured")
    for line in lines:
        mark = Text("✓", "green") if line.is_true else Text("✗", "bold red")
        table.add_row(mark, Text(line.claim), Text(line.measured))
    return table
