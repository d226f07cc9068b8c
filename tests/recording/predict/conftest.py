"""What every test of the caller's side has."""

from collections.abc import Iterator

import pytest

from actors.recording import Declaration, Model
from supervisor import telemetry
from tests.recording.predict.counted import KEY, Refused


@pytest.fixture
def model() -> Model:
    """One that refuses some inputs."""
    return Model(KEY, Declaration(invalid=(Refused,)))


@pytest.fixture(autouse=True)
def _leaves_nothing_attached() -> Iterator[None]:
    before = {one.id for one in telemetry.list_handlers()}
    yield
    for one in {one.id for one in telemetry.list_handlers()} - before:
        telemetry.detach(one)
