"""The page that lists every event, made from the catalogue."""

from pathlib import Path
from typing import TYPE_CHECKING, Final

from supervisor.telemetry import EVENTS

if TYPE_CHECKING:
    from supervisor.telemetry import EventName, EventSpec

PAGE: Final = Path(__file__).parents[2] / "docs" / "events.md"
COMMAND: Final = "python -m tests.conformance"

_INTRODUCTION: Final = f"""\
# Events of the runtime

<!-- Written by `{COMMAND}` from the catalogue; a conflict here is resolved by running it again. -->

Every event that the runtime executes: `supervisor.telemetry.EVENTS`. [telemetry.md](telemetry.md) says how to
hear them. A measurement that ends in `_seconds` is in seconds; the times of `telemetry` events are whole
nanoseconds. A fact in brackets is not always there.

| event | when | measurements | metadata |
|---|---|---|---|
"""


def render() -> str:
    """The page."""
    return _INTRODUCTION + "".join(_row(name, spec) for name, spec in EVENTS.items())


def _row(name: "EventName", spec: "EventSpec") -> str:
    facts = [*map(_code, spec.metadata), *(f"({_code(one)})" for one in spec.optional)]
    measured = ", ".join(map(_code, spec.measurements))
    return f"| {_code('.'.join(name))} | {spec.says} | {measured} | {', '.join(facts)} |\n"


def _code(text: str) -> str:
    return f"`{text}`"
