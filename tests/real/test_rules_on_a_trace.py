"""An hour of a real service, through a real Prometheus with the exported rules, and through our evaluator.

The trace is no part of the project: `azure_llm_conv.csv.gz` of Microsoft's AzurePublicDataset, in the folder
that `SLOKEEPER_SHARED_DATA` names, or in `../shared/data` beside the project.
"""

import csv
import gzip
import os
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final, TypeAlias

import pytest

from actors.config.settings import RuleSettings
from actors.recording.counts import Counts
from actors.recording.series import SeriesKey
from actors.slo import objective_from
from tests.export.objectives import NO_GUARDS, promise
from tests.real.processes import ROOT
from tests.real.prometheus_history import past_prometheus
from tests.slo.evaluated import Judged

if TYPE_CHECKING:
    from actors.config import ObjectiveSettings
    from actors.config.settings import Severity
    from tests.real.remote_write import Sample

pytestmark = [pytest.mark.real, pytest.mark.timeout(300)]

TRACE: Final = "azure_llm_conv.csv.gz"
SERIES: Final = SeriesKey("conv", "1")
PROCESS: Final = {"job": "azure", "instance": "conv:8080"}
SILENCE: Final = 10
"""Minutes after the trace that are looked at as well: no rule may heal in them."""

Minutes: TypeAlias = Sequence[Sequence[float]]
"""The latency of each request, by minute."""
States: TypeAlias = list[set[tuple[str, str]]]
"""After each minute, the rules that fire: the objective, and the rule's name."""


def rule(severity: "Severity", long: int, short: int, burn_rate: float) -> RuleSettings:
    return RuleSettings(
        severity=severity,
        long_window=long * 60.0,
        short_window=short * 60.0,
        burn_rate=burn_rate,
    )


FAST: Final = (rule("page", 20, 2, 9), rule("page", 30, 5, 6), rule("ticket", 60, 5, 3))
SLOW: Final[dict[str, object]] = {"sli": "latency", "threshold": 15.0}
OBJECTIVES: Final = [
    promise("workbook", 0.997, **SLOW, **NO_GUARDS),
    promise("workbook-guarded", 0.997, **SLOW),
    promise("fast", 0.995, rules=FAST, **SLOW | NO_GUARDS),
    promise("fast-guarded", 0.995, rules=FAST, **SLOW),
    promise("failures", 0.999),
    promise("p95-of-minutes", 0.9, quantile=0.95, rules=(rule("page", 20, 3, 4),), min_bad_events=2, **SLOW),
]


def trace() -> Minutes:
    """Seconds by minute: 0.2 s, 0.2 ms for each token of the context, 30 ms for each generated one."""
    folder = Path(os.environ.get("SLOKEEPER_SHARED_DATA", ROOT.parent / "shared" / "data"))
    if not (folder / TRACE).exists():
        pytest.skip(f"no {TRACE} in {folder}, which SLOKEEPER_SHARED_DATA may name")
    by_minute: dict[int, list[float]] = {}
    with gzip.open(folder / TRACE, "rt") as file:
        for row in csv.DictReader(file):
            at = datetime.fromisoformat(row["TIMESTAMP"][:26]).replace(tzinfo=UTC).timestamp()
            seconds = 0.2 + 0.0002 * int(row["ContextTokens"]) + 0.03 * int(row["GeneratedTokens"])
            by_minute.setdefault(int(at // 60), []).append(seconds)
    first, last = min(by_minute), max(by_minute)
    return [by_minute.get(minute, []) for minute in range(first, last + 1 + SILENCE)]


def by_evaluator(objectives: "Iterable[ObjectiveSettings]", minutes: Minutes) -> tuple[States, States]:
    """What ours says: the rules that fire, and the alerts by objective and severity."""
    judged = Judged(*(objective_from(one) for one in objectives))
    firing: set[tuple[str, str]] = set()
    rules: States = []
    alerts: States = []
    for seconds in minutes:
        if seconds:
            within = {15.0: sum(one <= 15.0 for one in seconds), float("inf"): len(seconds)}
            judged.tables.add_counts(SERIES, Counts(len(seconds), 0, within))
        for change in judged.skip(1):
            (firing.add if change.kind == "fired" else firing.discard)((change.slo, change.rule))
        rules.append({(slo, name) for slo, name in firing if name != "blind"})
        told = [one for one in judged.evaluator.conditions() if one.is_active and not one.is_blind]
        alerts.append({(one.slo, one.severity) for one in told})
    return rules, alerts


def by_prometheus(
    directory: Path, objectives: "Sequence[ObjectiveSettings]", minutes: Minutes
) -> tuple[States, States]:
    """What the exported rules say: those that fire, and the alerts by objective and severity."""
    rules: States = []
    alerts: States = []
    begin = 28_000_000
    with past_prometheus(directory, objectives) as prometheus:
        list(prometheus.minute(totals([]), begin))
        for number, _ in enumerate(minutes, start=1):
            fire = list(prometheus.minute(totals(minutes[:number]), begin + number))
            alerts.append(
                {(one["slo"], one["severity"]) for one in fire if one["alertname"] != "ObjectiveIsBlind"}
            )
            active = prometheus.query("slokeeper:burn_rule:active > 0", begin + number)
            rules.append({(labels["sloth_slo"], labels["slokeeper_rule"]) for labels, _ in active})
    return rules, alerts


def totals(minutes: Minutes) -> "Iterator[Sample]":
    """What a node shows after those minutes."""
    yield {"__name__": "slokeeper_build_info", **PROCESS}, 1.0
    seconds = [one for minute in minutes for one in minute]
    if seconds:
        labels = {**PROCESS, "model": SERIES.model, "version": SERIES.version}
        yield {"__name__": "model_requests_total", **labels}, float(len(seconds))
        yield {"__name__": "model_latency_seconds_count", **labels}, float(len(seconds))
        within = float(sum(one <= 15.0 for one in seconds))
        yield {"__name__": "model_latency_seconds_bucket", "le": "15.0", **labels}, within


def test_real_prometheus_fires_at_the_same_minutes(tmp_path: Path) -> None:
    """Not one evaluation apart: both count the same events in the same minutes, and compare whole numbers."""
    minutes = trace()
    our_rules, our_alerts = by_evaluator(OBJECTIVES, minutes)
    their_rules, their_alerts = by_prometheus(tmp_path, OBJECTIVES, minutes)
    assert their_rules == our_rules
    assert their_alerts == our_alerts
    assert changes(our_rules) >= 12
    told = {pair for each in our_alerts for pair in each}
    assert told >= {("workbook", "page"), ("fast-guarded", "page"), ("p95-of-minutes", "page")}


def changes(states: States) -> int:
    """How often a rule began to fire or resolved."""
    return sum(len(now ^ before) for before, now in zip([set(), *states], states, strict=False))
