"""A node that traces its predictions."""

import asyncio
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace

import pytest
from opentelemetry import trace
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from actors.application import Application
from actors.config import TracingSettings
from supervisor import ChildNotFoundError
from tests.application.nodes import MODEL, settings

pytestmark = pytest.mark.realtime("spans are made in a thread")


@pytest.fixture
def applications_spans(monkeypatch: pytest.MonkeyPatch) -> Iterator[InMemorySpanExporter]:
    """Where the spans go of a process that has set a tracer provider of its own."""
    provider, exporter = TracerProvider(shutdown_on_exit=False), InMemorySpanExporter()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    monkeypatch.setattr(trace, "_TRACER_PROVIDER", provider)
    yield exporter
    provider.shutdown()


async def test_predictions_of_a_run_are_traced_and_those_before_and_after_are_not(
    applications_spans: InMemorySpanExporter,
) -> None:
    application = Application(replace(settings(), tracing=TracingSettings(sample_rate=1.0)))
    score = application.recordings.model(MODEL, "1").observe(lambda: None)
    score()
    async with application.running():
        for _ in range(3):
            score()
    score()
    assert len(applications_spans.get_finished_spans()) == 3


async def test_kill_of_the_actor_that_makes_spans_loses_none(
    applications_spans: InMemorySpanExporter,
) -> None:
    application = Application(replace(settings(), tracing=TracingSettings(sample_rate=1.0)))
    score = application.recordings.model(MODEL, "1").observe(lambda: None)
    async with application.running():
        for _ in range(5):
            score()
            with suppress(ChildNotFoundError):  # it is between two incarnations
                application.supervision.kill("recording/spans")
            await asyncio.sleep(0.05)
    assert len(applications_spans.get_finished_spans()) == 5


def test_process_that_does_not_trace_does_not_import_opentelemetry() -> None:
    program = """
import sys
from actors import Monitor
from actors.config import NodeSettings, Settings
with Monitor(Settings(node=NodeSettings(listen="", data_dir=""))) as monitor:
    monitor.model("fraud").observe(lambda: None)()
assert not [name for name in sys.modules if name.startswith("opentelemetry")]
"""
    subprocess.run([sys.executable, "-c", program], check=True, timeout=50)
