"""`/api/v1/maintenance`: what is planned to go wrong, also at short notice."""

from collections.abc import Mapping
from datetime import datetime
from http import HTTPStatus
from typing import TYPE_CHECKING, Annotated, Final, Literal, Protocol

import msgspec
from starlette.responses import Response

from actors.config.quantities import format_instant, parse_duration
from actors.config.recurrence import Once
from actors.config.values import UnfitError, as_name, nearest
from actors.node.posted import decoded, json_response, read_json, refused
from actors.slo.maintenance import Window
from supervisor.clock import unix_now

if TYPE_CHECKING:
    from collections.abc import Sequence

    from starlette.requests import Request

    from supervisor.clock import Seconds

EXAMPLE: Final = '{"name": "upgrade", "for": "2h", "slos": ["checkout"]}'
LONGEST: "Final[Seconds]" = 30 * 86_400.0


class Plan(Protocol):
    """Where windows are kept."""

    @property
    def minute(self) -> int:
        """The one that runs, in the node's own time."""
        ...

    @property
    def slos(self) -> "Sequence[str]":
        """Names of all objectives."""
        ...

    @property
    def added(self) -> "Sequence[Window]":
        """Those that were added while a node ran."""
        ...

    @property
    def configured(self) -> "Sequence[Window]":
        """Those of the configuration."""
        ...

    async def add(self, window: Window) -> None:
        """Plan one."""
        ...

    async def end(self, name: str) -> bool:
        """End one of those that were added; whether there was one that is not over."""
        ...


class NewWindow(msgspec.Struct, forbid_unknown_fields=True):
    """What is posted."""

    name: str
    length: Annotated[str, msgspec.Meta(max_length=40)] = msgspec.field(name="for")
    starts: datetime | None = None
    slos: Annotated[list[str], msgspec.Meta(max_length=1000)] = []
    match: Annotated[dict[str, str], msgspec.Meta(max_length=16)] = {}
    treat: Literal["remove", "good"] = "remove"


class MaintenanceEndpoint:
    """`GET` tells all windows, `POST` plans one, `DELETE` of its name ends one early.

    Args:
        plan: Where they are kept.
    """

    def __init__(self, plan: Plan) -> None:
        self._plan = plan

    def told(self, _: "Request") -> Response:
        """All windows with the span that runs or comes next."""
        return json_response({"maintenance": [*self._rows()]})

    async def planned(self, request: "Request") -> Response:
        """201 with the window; it begins now unless `starts` says otherwise."""
        try:
            window = self._window(decoded(await read_json(request), NewWindow, EXAMPLE))
        except ValueError as error:
            return refused(error)
        await self._plan.add(window)
        return json_response(row(window, self._plan.minute, "added"), HTTPStatus.CREATED)

    async def ended(self, request: "Request") -> Response:
        """200 once it has ended, 404 if no such window was added, or if it is over."""
        name = request.path_params["name"]
        if not await self._plan.end(name):
            return refused(ValueError(f"no window {name!r} that was added and is not over"), 404)
        return json_response({"maintenance": [*self._rows()]})

    def _rows(self) -> "Sequence[Mapping[str, object]]":
        minute = self._plan.minute
        return [
            *(row(one, minute, "configuration") for one in self._plan.configured),
            *(row(one, minute, "added") for one in self._plan.added),
        ]

    def _window(self, new: NewWindow) -> Window:
        try:
            name = as_name(new.name)
        except UnfitError as error:
            raise ValueError(f"name {error}") from None
        if name in {one.name for one in self._plan.configured}:
            raise ValueError(f"name {name!r} is taken by a window of the configuration")
        for slo in new.slos:
            if slo not in self._plan.slos:
                raise ValueError(f"slos must name objectives, got {slo!r} ({nearest(slo, self._plan.slos)})")
        seconds = parse_duration(new.length)
        if seconds is None or not 60.0 <= seconds <= LONGEST:
            raise ValueError(f'for must be a duration such as "2h", from 1m to 30d, got {new.length!r}')
        starts = self._plan.minute * 60.0 if new.starts is None else _instant(new.starts)
        when = Once(int(starts // 60), int(-(-(starts + seconds) // 60)))
        return Window(name, when, tuple(new.slos), new.match, new.treat)


def row(window: Window, minute: int, source: str) -> Mapping[str, object]:
    """One window as plain values; `starts` and `ends` are null once it is over."""
    span = window.next_after(minute)
    return {
        "name": window.name,
        "source": source,
        "starts": None if span is None else _iso(span[0]),
        "ends": None if span is None else _iso(span[1]),
        "in_force": span is not None and span[0] <= minute,
        "slos": list(window.slos),
        "match": dict(window.match),
        "treat": window.treat,
    }


def _instant(starts: datetime) -> "Seconds":
    now = unix_now()
    if starts.tzinfo is None:
        raise ValueError(f"starts must have an offset, such as {starts.isoformat()}Z")
    if not now - 60.0 <= starts.timestamp() <= now + 400 * 86_400.0:
        raise ValueError(
            "starts must not lie in the past: what was counted is not taken back; nor over 400 days ahead"
        )
    return starts.timestamp()


def _iso(minute: int) -> str:
    return format_instant(minute * 60)
