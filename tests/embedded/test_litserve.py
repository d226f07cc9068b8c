"""What LitServe's callback makes of a LitAPI in a worker."""

import inspect
import pickle
from collections.abc import AsyncIterator, Iterator
from contextlib import suppress
from typing import TYPE_CHECKING

import pytest

from actors.config import ConfigError
from actors.embedded import process
from actors.recording import Recordings, Tables
from tests.real.processes import need

need("litserve")

from fastapi import HTTPException  # noqa: E402  it comes with litserve

from actors.embedded import litserve  # noqa: E402  not where LitServe is not installed

if TYPE_CHECKING:
    from pathlib import Path

    from actors.recording import Model


class Api:
    """As much of a LitAPI as the callback looks at."""

    api_path = "/predict"

    def __init__(self, max_batch_size: int = 1) -> None:
        self.max_batch_size = max_batch_size

    def batch(self, inputs: list[object], context: list[object]) -> dict[str, object]:
        return {"stacked": inputs, "mask": context}

    def predict(self, x: object, context: object = None) -> object:
        if isinstance(x, Exception):
            raise x
        return x


class Streaming(Api):
    def predict(self, x: object, context: object = None) -> Iterator[object]:
        yield x
        yield x


class Asynchronous(Api):
    async def predict(self, x: object, context: object = None) -> object:
        return x


class StreamingAsynchronously(Api):
    async def predict(self, x: object, context: object = None) -> AsyncIterator[object]:
        yield x


class Watched:
    """Stands for the monitor of the process; keeps what it is asked for."""

    def __init__(self) -> None:
        self._recordings = Recordings(Tables([]))
        self.models: list[Model] = []

    def model(self, name: str, version: str, **kwargs: object) -> "Model":
        self.models.append(self._recordings.model(name, version, **kwargs))  # type: ignore[arg-type]
        return self.models[-1]

    def counts(self) -> dict[str, int]:
        """By outcome, how many; takes them."""
        (model,) = self.models
        taken = model.buffers.take(1_000)
        names = ("ok", "errors", "cancelled", "invalid", "first_item")
        return {name: count for name in names if taken and (count := len(getattr(taken, name)))}


@pytest.fixture
def monitor(monkeypatch: pytest.MonkeyPatch) -> Watched:
    monkeypatch.delenv(process.CONFIG, raising=False)
    watched = Watched()
    monkeypatch.setattr(litserve, "process_monitor", lambda: watched)
    return watched


def set_up(api: Api, region: str = "eu") -> Api:
    """The API, as it is in a worker when it has been set up; the callback has been sent there."""
    callback = pickle.loads(pickle.dumps(litserve.LitServeCallback("digits", "1", region=region)))  # noqa: S301  our own
    callback.on_after_setup(lit_api=api)
    return api


def test_series_is_told_by_name_version_labels_and_path(monitor: Watched) -> None:
    set_up(Api(), region="us")
    assert monitor.models[0].key.all_labels() == {
        "model": "digits",
        "version": "1",
        "region": "us",
        "route": "/predict",
    }


@pytest.mark.parametrize(
    ("given", "counts"),
    [
        pytest.param(4.0, {"ok": 1}, id="answered"),
        pytest.param(ValueError(), {"errors": 1}, id="failed"),
        pytest.param(HTTPException(422), {"invalid": 1}, id="refused"),
        pytest.param(HTTPException(503), {"errors": 1}, id="unavailable"),
    ],
)
def test_prediction_is_counted_by_how_it_ended(
    monitor: Watched, given: object, counts: dict[str, int]
) -> None:
    api = set_up(Api())
    with suppress(ValueError, HTTPException):
        assert api.predict(given) == given
    assert monitor.counts() == counts


@pytest.mark.parametrize(
    ("given", "outcome"), [(None, "ok"), (ValueError(), "errors"), (HTTPException(422), "invalid")]
)
def test_batch_counts_as_many_as_requests_are_in_it_whatever_was_made_of_them(
    monitor: Watched, given: object, outcome: str
) -> None:
    api = set_up(Api(max_batch_size=8))
    assert api.batch([1, 2, 3], context=[{}, {}, {}]) == {"stacked": [1, 2, 3], "mask": [{}, {}, {}]}
    with suppress(ValueError, HTTPException):
        api.predict(given)
    assert monitor.counts() == {outcome: 3}


def test_stream_is_counted_with_its_first_item(monitor: Watched) -> None:
    assert list(set_up(Streaming()).predict(4.0)) == [4.0, 4.0]  # type: ignore[call-overload]
    assert monitor.counts() == {"ok": 1, "first_item": 1}


async def test_asynchronous_ones_are_counted(monitor: Watched) -> None:
    assert await set_up(Asynchronous()).predict(4.0) == 4.0  # type: ignore[misc]
    assert monitor.counts() == {"ok": 1}


async def test_asynchronous_streams_are_counted(monitor: Watched) -> None:
    items = set_up(StreamingAsynchronously()).predict(4.0)
    assert [item async for item in items] == [4.0]  # type: ignore[attr-defined]
    assert monitor.counts() == {"ok": 1, "first_item": 1}


@pytest.mark.parametrize("api", [Api(), Api(8), Streaming(), Asynchronous(), StreamingAsynchronously()])
@pytest.mark.usefixtures("monitor")
def test_litserve_sees_the_same_kind_of_function(api: Api) -> None:
    """It looks whether they generate or await, and for `context` in their signatures."""
    kinds = (
        inspect.isgeneratorfunction,
        inspect.iscoroutinefunction,
        inspect.isasyncgenfunction,
        inspect.signature,
    )
    before = [kind(function) for function in (api.predict, api.batch) for kind in kinds]
    set_up(api)
    assert [kind(function) for function in (api.predict, api.batch) for kind in kinds] == before


def test_file_with_a_problem_is_refused_before_any_worker_starts(
    tmp_path: "Path", monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "worker.toml").write_text("[node]\nlisten = 5\n")
    monkeypatch.setenv(process.CONFIG, str(tmp_path / "worker.toml"))
    with pytest.raises(ConfigError, match=r"node\.listen"):
        litserve.LitServeCallback("digits")
