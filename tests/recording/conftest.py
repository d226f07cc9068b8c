"""What several tests of recording need."""

from collections.abc import Iterator

import pytest


@pytest.fixture(scope="module")
def any_work_is_worth_it() -> Iterator[None]:
    """Windows are brought forward, however soon they would be added up."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("actors.recording.sketches._LITTLE_WORK", 0)
        yield
