"""Traces on the page: on the bucket that a traced prediction fell into, where the format has them."""

import asyncio
from typing import TYPE_CHECKING

from prometheus_client import CollectorRegistry
from prometheus_client.exposition import choose_encoder
from prometheus_client.openmetrics.parser import text_string_to_metric_families

from actors.config import TracingSettings
from actors.recording import Exposition, RecordingCollector, Recordings, SeriesKey, Tables, Taken
from actors.recording.buffers import Exemplar
from actors.recording.exposition.predictions import PredictionCollector
from supervisor.clock import unix_now
from tests.recording.tracing.traced import Traced

if TYPE_CHECKING:
    from prometheus_client.samples import Sample

TRACE, SPAN = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"


def traced(at: float) -> Tables:
    tables = Tables([0.25], bounds=(0.1, 1.0))
    exemplar = Exemplar(0.2, TRACE, SPAN, at)
    tables.add_taken(SeriesKey("fraud", "1"), Taken([0.05, 0.2, 0.3], exemplars=[exemplar]))
    return tables


async def page(accept: str) -> str:
    now = await asyncio.to_thread(unix_now)  # the page is written by the clock of its thread
    return (await Exposition([PredictionCollector(traced(now))]).page(accept))[0].decode()


async def test_exemplar_names_trace_and_span_of_a_prediction_of_its_bucket() -> None:
    text = await page("application/openmetrics-text; version=1.0.0")
    families = text_string_to_metric_families(text)  # type: ignore[no-untyped-call]
    shown: list[Sample] = [one for family in families for one in family.samples if one.exemplar]
    assert [(one.name, one.labels["le"]) for one in shown] == [("model_latency_seconds_bucket", "0.25")]
    (exemplar,) = (one.exemplar for one in shown)
    assert exemplar is not None
    assert exemplar.labels == {"trace_id": TRACE, "span_id": SPAN}
    assert exemplar.value == 0.2
    assert exemplar.timestamp is not None


async def test_plain_text_has_no_exemplars() -> None:
    """Its parsers take them for a mistake."""
    assert TRACE not in await page("text/plain")


def test_trace_on_the_page_is_the_one_that_was_recorded() -> None:
    traced = Traced(TracingSettings(sample_rate=1.0))
    recordings, registry = Recordings(Tables([0.1]), tracing=traced.tracing), CollectorRegistry()
    registry.register(RecordingCollector(recordings))
    with recordings.model("fraud", "1").span():
        pass
    recordings.drain()
    encode, _ = choose_encoder("application/openmetrics-text; version=1.0.0")
    text = encode(registry).decode()
    families = text_string_to_metric_families(text)  # type: ignore[no-untyped-call]
    (exemplar,) = (one.exemplar for family in families for one in family.samples if one.exemplar)
    context = traced.span("model.predict").context
    assert context is not None
    assert int(exemplar.labels["trace_id"], 16) == context.trace_id
    assert int(exemplar.labels["span_id"], 16) == context.span_id
