"""The catalogue and the code agree."""

import re
from pathlib import Path

import supervisor
from supervisor.telemetry import EVENTS
from supervisor.telemetry.structlog_handler import LINES

SOURCES = [
    path.read_text() for path in Path(supervisor.__file__).parent.rglob("*.py") if path.name != "events.py"
]
EXECUTED = re.compile(r'execute\(\s*\(("[^()]*?")\)', re.DOTALL)
EMITTED = re.compile(r'_emit\(\s*"(\w+)",\s*"(\w+)"')
REPORTED = re.compile(r'_report\(\s*"(\w+)",\s*"(\w+)"')


def emitted() -> set[tuple[str, ...]]:
    """Every event name that stands in the source."""
    names: set[tuple[str, ...]] = {("telemetry", "handler", "failure")}
    for source in SOURCES:
        names |= {tuple(re.findall(r'"(\w+)"', found)) for found in EXECUTED.findall(source)}
        names |= {("supervisor", *found) for found in (*EMITTED.findall(source), *REPORTED.findall(source))}
    return names


def test_catalogue_has_every_event_that_is_emitted_and_no_other() -> None:
    assert emitted() == set(EVENTS)


def test_logged_events_are_in_the_catalogue() -> None:
    assert set(LINES) <= set(EVENTS)
