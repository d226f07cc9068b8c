"""Every event that the runtime executes in a test holds what the catalogue says."""

from typing import TYPE_CHECKING

from supervisor import telemetry

if TYPE_CHECKING:
    import pytest

    from supervisor.telemetry import EventName
    from supervisor.telemetry.bus import Measurements, Metadata


def watched(monkeypatch: "pytest.MonkeyPatch") -> "list[tuple[EventName, set[str]]]":
    """Have each execution held against its entry.

    Not by a handler: a busy place that asks whether anybody hears must be told the truth.

    Returns:
        What was wrong, event by event, as it comes.
    """
    wrong: list[tuple[EventName, set[str]]] = []
    execute = telemetry.execute

    def checking(
        name: "EventName", measurements: "Measurements | None" = None, metadata: "Metadata | None" = None
    ) -> None:
        spec = telemetry.EVENTS.get(name)
        if spec is not None and (misses := spec.misses(measurements or {}, metadata or {})):
            wrong.append((name, misses))
        execute(name, measurements, metadata)

    monkeypatch.setattr(telemetry, "execute", checking)
    return wrong
