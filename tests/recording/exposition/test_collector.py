"""The collector in a registry of somebody else's: read from any thread while predictions are counted."""

import asyncio
import itertools
import platform
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest
from prometheus_client import CollectorRegistry, Counter, generate_latest
from prometheus_client.registry import Collector

from actors.recording import Exposition, RecordingCollector, Recordings, SeriesKey, Tables, Taken
from actors.version import __version__

if TYPE_CHECKING:
    from collections.abc import Iterator

    from prometheus_client import Metric

ONE = SeriesKey("fraud", "1")


def test_stands_beside_metrics_of_the_program() -> None:
    registry, recordings = CollectorRegistry(), Recordings(Tables([0.1]))
    Counter("orders", "The program's own.", registry=registry).inc()
    registry.register(RecordingCollector(recordings))
    recordings.tables.add_taken(ONE, Taken([0.05], [0.1]))
    page = generate_latest(registry).decode()
    assert "orders_total 1.0" in page
    assert 'model_requests_total{model="fraud",version="1"} 2.0' in page
    assert f'slokeeper_build_info{{python="{platform.python_version()}",version="{__version__}"}} 1.0' in page


def test_metric_of_the_same_name_is_noticed_when_it_is_registered() -> None:
    """Two of one name would make a page that no scraper takes."""
    registry = CollectorRegistry()
    Counter("model_requests", "Somebody else's.", registry=registry)
    with pytest.raises(ValueError, match="Duplicated timeseries"):
        registry.register(RecordingCollector(Recordings(Tables([]))))


@pytest.mark.realtime("threads that read while another one counts")
def test_read_from_other_threads_nothing_ever_falls_and_buckets_agree() -> None:
    tables, done = Tables([0.1]), threading.Event()
    registry = CollectorRegistry()
    registry.register(RecordingCollector(Recordings(tables)))

    def count() -> None:
        for number in range(600):
            for key in (ONE, SeriesKey("fraud", f"{number}")):
                tables.add_taken(key, Taken([0.05, 0.5, 5.0], [0.1]))
        done.set()

    def read() -> list[dict[str, float]]:
        pages = list[dict[str, float]]()
        while not done.is_set() or not pages:
            families = {family.name: family for family in registry.collect()}
            pages.append(
                {
                    one.name + one.labels.get("le", ""): one.value
                    for one in families["model_latency_seconds"].samples
                    if one.labels["version"] == "1" and not one.name.endswith("_created")
                }
            )
        return pages

    with ThreadPoolExecutor(3) as threads:
        readings = [threads.submit(read) for _ in range(2)]
        threads.submit(count).result()
    for reading in readings:
        pages = [page for page in reading.result() if page]
        for earlier, later in itertools.pairwise(pages):
            assert all(earlier[name] <= later[name] for name in earlier)
        for page in pages:
            assert page["model_latency_seconds_bucket+Inf"] == page["model_latency_seconds_count"]


async def test_loop_goes_on_while_a_page_is_written() -> None:
    """Ten thousand series take a second; a node must answer its probes meanwhile."""
    loop, began, may_end = asyncio.get_running_loop(), asyncio.Event(), threading.Event()

    class Slow(Collector):
        def collect(self) -> "Iterator[Metric]":
            loop.call_soon_threadsafe(began.set)
            assert may_end.wait(5.0), "the loop stood still"
            yield from ()

    writing = asyncio.ensure_future(Exposition([Slow()]).page(""))
    await began.wait()
    may_end.set()
    await writing


def test_losses_are_there_from_the_beginning_at_zero() -> None:
    """A counter that comes into being with its first loss has, to whoever asks for its rate, never risen."""
    registry, recordings = CollectorRegistry(), Recordings(Tables([]))
    registry.register(RecordingCollector(recordings))
    recordings.model("fraud", "1")
    page = generate_latest(registry).decode()
    assert 'slokeeper_predictions_dropped_total{model="fraud",version="1"} 0.0' in page
    assert 'slokeeper_label_overflow_total{model="fraud"} 0.0' in page


def test_predictions_that_were_dropped_are_told_by_series() -> None:
    registry, recordings = CollectorRegistry(), Recordings(Tables([]))
    registry.register(RecordingCollector(recordings))
    model = recordings.model("fraud", "1")
    for _ in range(10):
        with model.span():
            pass
    recordings.trim(4)
    page = generate_latest(registry).decode()
    assert 'slokeeper_predictions_dropped_total{model="fraud",version="1"} 6.0' in page


def test_predictions_beyond_the_cap_of_labels_are_told_by_model() -> None:
    registry, recordings = CollectorRegistry(), Recordings(Tables([]))
    registry.register(RecordingCollector(recordings))
    model = recordings.model("fraud", "1", per_call=("tenant",), max_series=1)
    for tenant in ("a", "b", "c"):
        with model.labels(tenant=tenant).span():
            pass
    recordings.drain()
    page = generate_latest(registry).decode()
    assert 'slokeeper_label_overflow_total{model="fraud"} 2.0' in page
    assert 'model_requests_total{model="fraud",tenant="__overflow__",version="1"} 2.0' in page
