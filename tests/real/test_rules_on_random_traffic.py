"""Random traffic through a real Prometheus and through our evaluator: the same rules fire."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, Final

import pytest

from actors.recording.counts import Counts
from actors.recording.series import SeriesKey
from actors.slo import objective_from
from tests.export.objectives import promise
from tests.real.prometheus_history import past_prometheus
from tests.real.test_rules_on_a_trace import PROCESS, rule
from tests.slo.evaluated import Judged

if TYPE_CHECKING:
    from tests.real.remote_write import Sample

pytestmark = [pytest.mark.real, pytest.mark.timeout(300)]

VERSIONS: Final = (SeriesKey("fraud", "1"), SeriesKey("fraud", "2"))
BEGIN: Final = 28_000_000
MINUTES: Final = 45
RULES: Final = (rule("page", 10, 2, 9), rule("ticket", 20, 4, 3))
OBJECTIVES: Final = [
    promise("each", 0.99, group_by=("version",), rollup=True, rules=RULES, min_coverage=0.4),
    promise("held", 0.99, group_by=("version",), rules=RULES, resolve_hold=0.0, min_bad_events=2),
    promise(
        "p80", 0.8, sli="latency", threshold=0.1, quantile=0.8, group_by=("version",), rollup=True,
        rules=(rule("page", 10, 3, 2),), min_bad_events=1,
    ),
]  # fmt: skip

Minute = Mapping[SeriesKey, tuple[int, int, int]]
"""(failed, slow, all) of each series that had any."""


def traffic(rng: Random) -> Iterator[Minute]:
    """Good and bad times, and silences of up to five minutes, of each version."""
    quiet = dict.fromkeys(VERSIONS, 0)
    share = dict.fromkeys(VERSIONS, 0.0)
    for minute in range(MINUTES):
        found = {}
        for key in VERSIONS:
            if rng.random() < 0.2:
                share[key] = rng.choice([0.0, 0.0, 0.05, 0.5])
            if minute and not quiet[key] and rng.random() < 0.08:
                quiet[key] = rng.randint(2, 5)
            if quiet[key]:
                quiet[key] -= 1
            elif key == VERSIONS[0] or minute > 7:
                count = rng.randint(8, 40)
                bad = sum(rng.random() < share[key] for _ in range(count))
                slow = sum(rng.random() < share[key] for _ in range(count - bad))
                found[key] = (bad, slow, count)
        yield found


def by_evaluator(minutes: Sequence[Minute]) -> Iterator[set[tuple[str, ...]]]:
    judged = Judged(*(objective_from(one) for one in OBJECTIVES))
    firing: set[tuple[str, ...]] = set()
    for minute in minutes:
        for key, (bad, slow, count) in minute.items():
            judged.tables.add_counts(
                key, Counts(count, bad, {0.1: count - bad - slow, float("inf"): count - bad})
            )
        for change in judged.skip(1):
            told = (change.slo, change.rule, dict(change.group).get("version", ""))
            (firing.add if change.kind == "fired" else firing.discard)(told)
        yield {one for one in firing if one[1] != "blind"}


def by_prometheus(directory: Path, minutes: Sequence[Minute], restart: int) -> Iterator[set[tuple[str, ...]]]:
    with past_prometheus(directory, OBJECTIVES) as prometheus:
        list(prometheus.minute(totals([]), BEGIN))
        for number in range(1, len(minutes) + 1):
            # The process begins anew, and with it its totals.
            since = 0 if number <= restart else restart
            list(prometheus.minute(totals(minutes[since:number]), BEGIN + number))
            yield {
                (labels["sloth_slo"], labels["slokeeper_rule"], labels.get("version", ""))
                for labels, _ in prometheus.query("slokeeper:burn_rule:active > 0", BEGIN + number)
            }


def totals(minutes: Sequence[Minute]) -> "Iterator[Sample]":
    """What a process shows that has counted those minutes; the failures not before the first."""
    yield {"__name__": "slokeeper_build_info", **PROCESS}, 1.0
    for key in VERSIONS:
        if not any(key in minute for minute in minutes):
            continue
        bad, slow, count = (sum(minute[key][at] for minute in minutes if key in minute) for at in range(3))
        labels = {**PROCESS, "model": key.model, "version": key.version}
        yield {"__name__": "model_requests_total", **labels}, count
        if bad:
            yield {"__name__": "model_errors_total", **labels}, bad
        yield {"__name__": "model_latency_seconds_count", **labels}, count - bad
        yield {"__name__": "model_latency_seconds_bucket", "le": "0.1", **labels}, count - bad - slow


@pytest.mark.parametrize("seed", range(3))
def test_rules_and_evaluator_agree(tmp_path: Path, seed: int) -> None:
    """Groups that begin later, silences, first failures, and a restart in a minute in which all count."""
    minutes = list(traffic(Random(seed)))
    restart = next(at for at, minute in enumerate(minutes) if at > 15 and len(minute) == len(VERSIONS))
    ours = list(by_evaluator(minutes))
    assert sum(len(now ^ before) for before, now in zip([set(), *ours], ours, strict=False)) > 5
    for number, (theirs, our) in enumerate(zip(by_prometheus(tmp_path, minutes, restart), ours, strict=True)):
        assert theirs == our, f"minute {number}: {minutes[number]}"
