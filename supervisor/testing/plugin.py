"""For pytest: every async test runs on virtual time, but for those marked `realtime`."""

import asyncio
from collections.abc import Callable, Mapping

import pytest

from supervisor.testing.virtual_time import VirtualTimeLoop


@pytest.hookimpl(optionalhook=True)
def pytest_asyncio_loop_factories(
    config: pytest.Config, item: pytest.Item
) -> Mapping[str, Callable[[], asyncio.AbstractEventLoop]]:
    """Choose the loop of one test."""
    del config
    if item.get_closest_marker("realtime") is not None:
        return {"realtime": asyncio.new_event_loop}
    return {"virtual": VirtualTimeLoop}


def pytest_configure(config: pytest.Config) -> None:
    """Declare the mark."""
    config.addinivalue_line(
        "markers", "realtime(reason): runs on the real clock; every other async test runs on virtual time"
    )
