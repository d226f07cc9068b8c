"""`/api/v1/annotations`: what people and pipelines note on the line of time."""

from datetime import datetime
from http import HTTPStatus
from typing import TYPE_CHECKING, Annotated, Final, Protocol

import msgspec

from actors.config.quantities import format_instant
from actors.node.posted import decoded, json_response, read_json, refused
from actors.storage.annotations import Annotation
from supervisor.clock import unix_now

if TYPE_CHECKING:
    from collections.abc import Sequence

    from starlette.requests import Request
    from starlette.responses import Response

    from supervisor.clock import Seconds

DAY: "Final[Seconds]" = 86_400.0
LONGEST_BACK: "Final[Seconds]" = 30 * DAY
LONGEST_AHEAD: "Final[Seconds]" = DAY
EXAMPLE: Final = '{"text": "deploy 2.1.0", "kind": "deploy", "labels": {"model": "fraud"}}'

_Word = Annotated[str, msgspec.Meta(pattern=r"^[a-z][a-z0-9_-]{0,39}\Z")]
_Line = Annotated[str, msgspec.Meta(min_length=1, max_length=500, pattern=r"^[^\x00-\x1f\x7f]*\Z")]
_Value = Annotated[str, msgspec.Meta(max_length=200)]
_Labels = Annotated[dict[_Line, _Value], msgspec.Meta(max_length=16)]


class Notes(Protocol):
    """Where annotations are kept."""

    async def annotate(self, annotation: Annotation) -> None:
        """Note one."""
        ...

    async def annotations(self, since: "Seconds", until: "Seconds") -> "Sequence[Annotation]":
        """Those in [since, until), unix seconds, oldest first."""
        ...


class NewAnnotation(msgspec.Struct, forbid_unknown_fields=True):
    """What is posted."""

    text: _Line
    kind: _Word = "note"
    at: datetime | float | None = None
    labels: _Labels = {}


class AnnotationsEndpoint:
    """`GET` tells those between `from` and `until`, `POST` notes one.

    Args:
        notes: Where they are kept.
    """

    def __init__(self, notes: Notes) -> None:
        self._notes = notes

    async def told(self, request: "Request") -> "Response":
        """The last 30 days, or what `from` and `until` say: ISO 8601 or unix seconds."""
        now = unix_now()
        try:
            since = _instant(request.query_params.get("from"), now - LONGEST_BACK)
            until = _instant(request.query_params.get("until"), now + LONGEST_AHEAD)
        except ValueError as error:
            return refused(error)
        found = await self._notes.annotations(since, until)
        return json_response({"annotations": [row(one) for one in found]})

    async def noted(self, request: "Request") -> "Response":
        """201 with what was noted."""
        try:
            new = decoded(await read_json(request), NewAnnotation, EXAMPLE)
            annotation = Annotation(_posted_at(new.at), new.kind, new.text, new.labels)
        except ValueError as error:
            return refused(error)
        await self._notes.annotate(annotation)
        return json_response(row(annotation), HTTPStatus.CREATED)


def row(annotation: Annotation) -> dict[str, object]:
    """One annotation as plain values."""
    return {
        "at": format_instant(annotation.at),
        "kind": annotation.kind,
        "text": annotation.text,
        "labels": dict(annotation.labels),
    }


def _posted_at(at: datetime | float | None) -> "Seconds":
    now = unix_now()
    if at is None:
        return now
    if isinstance(at, datetime) and at.tzinfo is None:
        raise ValueError(f"at must have an offset, such as {at.isoformat()}Z")
    instant = at.timestamp() if isinstance(at, datetime) else float(at)
    if not now - LONGEST_BACK <= instant <= now + LONGEST_AHEAD:
        raise ValueError("at must lie at most 30 days back and one day ahead")
    return instant


def _instant(text: str | None, default: "Seconds") -> "Seconds":
    if text is None:
        return default
    try:
        return float(text)
    except ValueError:
        pass
    try:
        found = datetime.fromisoformat(text)
        if found.tzinfo is not None:
            return found.timestamp()
    except ValueError:
        pass
    raise ValueError(f"from and until must be like 2026-12-01T02:00:00Z or unix seconds, got {text[:80]!r}")
