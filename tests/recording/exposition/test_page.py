"""The metrics page: what people's Prometheus and our own nodes read off it."""

from math import inf
from typing import TYPE_CHECKING

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.openmetrics.parser import text_string_to_metric_families as open_metrics
from prometheus_client.parser import text_string_to_metric_families as plain_text

from actors.node.counters import increase
from actors.node.prometheus_text import read_page
from actors.recording import Counts, Exposition, RecordingCollector, Recordings, SeriesKey, Tables, Taken
from actors.recording.exposition.predictions import PredictionCollector
from actors.recording.otlp.encode import encode
from supervisor.clock import unix_now

if TYPE_CHECKING:
    from collections.abc import Mapping

ONE = SeriesKey("fraud", "1")
EAST = SeriesKey("fraud", "2", (("region", 'e"a\\s\nt'),))
OPEN_METRICS = "application/openmetrics-text; version=1.0.0"


def counted() -> Tables:
    tables = Tables([0.25], bounds=(0.1, 1.0))
    tables.add_taken(
        ONE,
        Taken(
            [0.05, 0.2, 0.3, 5.0],
            [0.01, 0.02],
            cancelled=[0.1] * 3,
            invalid=[0.1],
            first_item=[0.02, 0.2],
        ),
    )
    return tables


async def page(tables: Tables, accept: str = "text/plain") -> bytes:
    """The page of some tables."""
    return (await Exposition([PredictionCollector(tables)]).page(accept))[0]


async def samples(tables: Tables) -> "Mapping[str, float]":
    """Every sample on the page by its name and, for buckets, its bound."""
    return {
        sample.name + sample.labels.get("le", ""): sample.value
        for family in plain_text((await page(tables)).decode())
        for sample in family.samples
    }


async def test_page_tells_requests_errors_and_the_successes_by_latency() -> None:
    told = await samples(counted())
    assert (told["model_requests_total"], told["model_errors_total"]) == (6, 2)
    assert (told["model_cancelled_total"], told["model_invalid_total"]) == (3, 1)
    assert [told[f"model_latency_seconds_bucket{bound}"] for bound in ("0.1", "0.25", "1.0", "+Inf")] == [
        1,
        2,
        3,
        4,
    ]
    assert told["model_latency_seconds_count"] == 4
    assert told["model_latency_seconds_sum"] == pytest.approx(5.55)


async def test_page_tells_the_time_to_the_first_item_of_those_that_have_several() -> None:
    told = await samples(counted())
    bounds = ("0.1", "0.25", "1.0", "+Inf")
    assert [told[f"model_time_to_first_item_seconds_bucket{bound}"] for bound in bounds] == [1, 2, 2, 2]
    assert told["model_time_to_first_item_seconds_count"] == 2
    assert told["model_time_to_first_item_seconds_sum"] == pytest.approx(0.22)
    other = Tables([])
    other.add_taken(ONE, Taken([0.1]))
    assert b"model_time_to_first_item_seconds_count" not in await page(other)


async def test_page_tells_since_when_it_counts() -> None:
    told = await samples(counted())
    created = [value for name, value in told.items() if name.endswith("_created")]
    assert created == pytest.approx([unix_now()] * 6)


async def test_page_is_in_the_format_that_is_asked_for() -> None:
    exposition = Exposition([PredictionCollector(counted())])
    text, text_type = await exposition.page("text/plain")
    metrics, metrics_type = await exposition.page(OPEN_METRICS)
    assert text_type.startswith("text/plain")
    assert metrics_type.startswith("application/openmetrics-text")
    assert list(plain_text(text.decode()))
    families = open_metrics(metrics.decode())  # type: ignore[no-untyped-call]
    assert {family.name for family in families} == {
        "model_requests",
        "model_errors",
        "model_cancelled",
        "model_invalid",
        "model_latency_seconds",
        "model_time_to_first_item_seconds",
    }


async def test_page_of_nothing_is_a_page() -> None:
    for accept in ("", OPEN_METRICS):
        assert await page(Tables([]), accept)


async def test_node_of_ours_reads_what_was_counted() -> None:
    tables = counted()
    tables.add_taken(EAST, Taken([0.2]))
    reading = read_page(await page(tables))
    within = {0.1: 1, 0.25: 2, 1.0: 3, inf: 4}
    assert increase(None, reading[ONE]) == Counts(6, 2, within, cancelled=3, invalid=1)
    assert increase(None, reading[EAST]) == Counts(1, 0, {0.1: 0, 0.25: 1, 1.0: 1, inf: 1})


async def test_series_with_a_new_label_renames_no_other() -> None:
    """Whoever scrapes would take the renamed ones for new, and count all of them again."""
    tables = counted()
    before = read_page(await page(tables))
    tables.add_taken(EAST, Taken([0.2]))
    assert before.items() <= read_page(await page(tables)).items()


async def test_model_without_a_version_is_read_back_as_one() -> None:
    tables = Tables([])
    tables.add_taken(SeriesKey("fraud", ""), Taken([0.2]))
    assert list(read_page(await page(tables))) == [SeriesKey("fraud", "")]


@example("a\ud800")
@given(st.text(st.characters(exclude_categories=[])))
def test_no_label_of_a_call_can_break_what_is_told_of_all(tenant: str) -> None:
    """Not even half a character, which a request may well bring: JSON can hold it."""
    recordings, registry = Recordings(Tables([0.1])), CollectorRegistry()
    model = recordings.model("fraud", "1", per_call=("tenant",))
    for one in (model, model.labels(tenant=tenant)):
        with one.span():
            pass
    recordings.drain()
    registry.register(RecordingCollector(recordings))
    told = list(plain_text(generate_latest(registry).decode()))
    encode(recordings.tables.series(), thresholds=(), resource={}, now_ns=1)
    (requests,) = (family for family in told if family.name == "model_requests")
    assert sum(one.value for one in requests.samples if one.name == "model_requests_total") == 2
