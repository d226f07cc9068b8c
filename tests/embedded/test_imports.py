"""What importing `actors` brings along."""

import pytest

import actors
from tests.embedded.programs import output_of

HEAVY = ("httpx", "starlette", "opentelemetry", "uvicorn", "fastapi", "numpy", "prometheus_client")


def imported_by(program: str) -> set[str]:
    """Top-level modules that a program has when it is done."""
    said = output_of(f"{program}\nimport sys\nprint(*{{name.partition('.')[0] for name in sys.modules}})")
    return set(said.split())


def test_import_of_actors_is_light() -> None:
    assert imported_by("import actors").isdisjoint({*HEAVY, "asyncio", "structlog", "supervisor"})


def test_middleware_brings_no_framework() -> None:
    assert imported_by("import actors; actors.PredictionMiddleware").isdisjoint(
        {"httpx", "starlette", "opentelemetry", "uvicorn", "fastapi"}
    )


@pytest.mark.parametrize("name", actors.__all__)
def test_every_public_name_is_given(name: str) -> None:
    assert getattr(actors, name).__name__ == name
    assert name in dir(actors)


def test_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="module 'actors' has no attribute 'Monitr'"):
        _ = actors.Monitr
