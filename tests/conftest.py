"""Settings of all tests."""

from collections.abc import Iterator

import pytest
from hypothesis import settings

from tests.catalogue import watched

# No test judges by a stopwatch, and on a busy machine hypothesis' own would.
settings.register_profile("slokeeper", deadline=None, print_blob=True)
settings.load_profile("slokeeper")


@pytest.fixture(autouse=True)
def _events_hold_what_the_catalogue_says(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    wrong = watched(monkeypatch)
    yield
    assert wrong == []
