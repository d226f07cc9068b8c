"""For pytest: virtual time for every async test that is not marked `realtime`, and fixtures."""

import asyncio
import random
import zlib
from collections.abc import Callable, Iterator, Mapping

import pytest

from supervisor.testing.captured import CapturedEvent, captured
from supervisor.testing.virtual_time import VirtualTimeLoop


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add `--chaos-seed`."""
    parser.getgroup("supervisor").addoption(
        "--chaos-seed",
        metavar="SEED",
        help="seed of the fixture chaos_seed: a whole number, or 'random'; by default each test has its own",
    )


def pytest_configure(config: pytest.Config) -> None:
    """Declare the mark."""
    config.addinivalue_line(
        "markers", "realtime(reason): runs on the real clock; every other async test runs on virtual time"
    )


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Refuse the mark `realtime` without its reason: a slow or flaky test owes one to its reader.

    Raises:
        UsageError: Naming the first test.
    """
    for item in items:
        for mark in item.iter_markers("realtime"):
            if not _is_reason(mark):
                raise pytest.UsageError(
                    f"{item.nodeid}: the mark realtime needs a reason, as in "
                    f"@pytest.mark.realtime('real sockets'), got {mark.args!r}"
                )


def _is_reason(mark: pytest.Mark) -> bool:
    given = (*mark.args, *mark.kwargs.values())
    return len(given) == 1 and isinstance(given[0], str) and bool(given[0].strip())


@pytest.hookimpl(optionalhook=True)
def pytest_asyncio_loop_factories(
    config: pytest.Config, item: pytest.Item
) -> Mapping[str, Callable[[], asyncio.AbstractEventLoop]]:
    """Choose the loop of one test."""
    del config
    if item.get_closest_marker("realtime") is not None:
        return {"realtime": asyncio.new_event_loop}
    return {"virtual": VirtualTimeLoop}


@pytest.fixture
def captured_events() -> Iterator[list[CapturedEvent]]:
    """All events of the runtime's catalogue while the test runs, in their order."""
    with captured() as events:
        yield events


@pytest.fixture
def chaos_seed(request: pytest.FixtureRequest) -> int:
    """A seed for `supervisor.testing.ChaosHand`: the same for a test at each run, and shown if it fails."""
    chosen = request.config.getoption("--chaos-seed")
    seed = seed_of(request.node.nodeid, chosen)
    request.node.add_report_section("setup", "chaos", f"the same faults again: --chaos-seed={seed}")
    return seed


def seed_of(nodeid: str, chosen: str | None) -> int:
    """The seed of one test.

    Args:
        nodeid: The test's.
        chosen: What `--chaos-seed` says; None for the test's own.

    Raises:
        UsageError: What was chosen is neither a whole number nor `random`.
    """
    if chosen is None:
        return zlib.crc32(nodeid.encode())
    if chosen == "random":
        return random.SystemRandom().randrange(2**32)
    try:
        return int(chosen)
    except ValueError:
        raise pytest.UsageError(f"--chaos-seed must be a whole number or 'random', got {chosen!r}") from None
