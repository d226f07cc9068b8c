"""The pytest plugin: virtual time for every async test that does not ask for the real clock."""

import asyncio
from typing import TYPE_CHECKING

import pytest

from supervisor.testing.virtual_time import VirtualTimeLoop

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


def pytest_configure(config: pytest.Config) -> None:
    """Make the mark known."""
    config.addinivalue_line(
        "markers", "realtime(reason): runs on the real clock; other async tests run on virtual time"
    )


@pytest.hookimpl(tryfirst=True, optionalhook=True)
def pytest_asyncio_loop_factories(
    item: pytest.Item,
) -> "Mapping[str, Callable[[], asyncio.AbstractEventLoop]]":
    """Give each test its loop: virtual time, or for one marked `realtime` the usual one."""
    mark = item.get_closest_marker("realtime")
    if mark is None:
        return {"virtual": VirtualTimeLoop}
    if not mark.args:
        raise pytest.UsageError(f"{item.nodeid}: @pytest.mark.realtime needs a reason")
    return {"realtime": asyncio.new_event_loop}
