"""What a client writes into a path does not become labels without end."""

from typing import TYPE_CHECKING

import pytest

from tests.recording.asgi.served import Monitored, answering, ask, counting

if TYPE_CHECKING:
    from starlette.types import ASGIApp

BY_NAME = {"routes": ["/predict/{name}"], "model": "{name}"}
ROUTE = "/predict/{name}"


async def series_after(app: "ASGIApp", *paths: str, **options: object) -> dict[str, int]:
    """By model how many predictions were counted."""
    monitor = Monitored()
    watched = counting(app, monitor, **{**BY_NAME, **options})
    for path in paths:
        await ask(watched, path)
    counted = monitor.counted()
    assert {route for _, _, route in counted} == {ROUTE}
    return {model: sum(map(len, lists.values())) for (model, _, _), lists in counted.items()}


async def test_names_beyond_the_limit_share_one_series() -> None:
    paths = [f"/predict/{name}" for name in "abcabcdd"]
    assert await series_after(answering(), *paths, max_series=2) == {"a": 2, "b": 2, "__overflow__": 4}


@pytest.mark.parametrize("status", [404, 422, 499])
async def test_a_name_that_was_refused_is_no_series(status: int) -> None:
    assert await series_after(answering(status), "/predict/x", "/predict/y") == {"__overflow__": 2}


@pytest.mark.parametrize("status", [200, 500])
async def test_a_name_that_was_answered_is_one(status: int) -> None:
    assert await series_after(answering(status), "/predict/x", "/predict/y") == {"x": 1, "y": 1}


async def test_a_known_name_keeps_its_refused_ones() -> None:
    monitor = Monitored()
    statuses = iter([200, 422])

    async def app(*called: object) -> None:
        await answering(next(statuses))(*called)  # type: ignore[arg-type]

    watched = counting(app, monitor, **BY_NAME)
    for _ in range(2):
        await ask(watched, "/predict/x")
    assert {key[0]: set(lists) for key, lists in monitor.counted().items()} == {"x": {"ok", "invalid"}}
