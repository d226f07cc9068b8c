"""Traffic out of a Prometheus: how much its counters rose in each minute."""

from typing import TYPE_CHECKING, Final

import httpx
import msgspec

from actors.replay.errors import SourceError
from actors.replay.reading import series_key
from actors.replay.traffic import ERRORS, PLAIN, REQUESTS, Collected

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from supervisor.clock import Seconds

MOST_POINTS: Final = 10_000
"""Of a series in one answer; Prometheus refuses more than 11,000."""
_STEP: Final = 60


class _Series(msgspec.Struct):
    metric: dict[str, str]
    values: list[tuple[float, str]]


class _Data(msgspec.Struct):
    result: list[_Series] = []
    result_type: str = msgspec.field(default="matrix", name="resultType")


class _Answer(msgspec.Struct):
    status: str
    data: _Data = msgspec.field(default_factory=_Data)
    error: str = ""


class Backend:
    """What is asked: anything with Prometheus' HTTP API.

    Args:
        url: Its address, without `/api/v1`.
        client: For tests, and theirs to close; None makes one, which `close` closes.
        timeout: For one answer, seconds.
    """

    def __init__(self, url: str, *, client: httpx.Client | None = None, timeout: "Seconds" = 60.0) -> None:
        self._url = url.rstrip("/")
        self._client = client or httpx.Client(timeout=timeout, follow_redirects=True)

    def close(self) -> None:
        """Let go of the connection."""
        self._client.close()

    def increments(self, query: str, begin: int, end: int) -> "Iterator[tuple[Mapping[str, str], int, int]]":
        """How much each series of a counter rose, as (labels, minute, increase).

        A counter that falls has begun anew at zero. What a series held when it was first seen is not counted,
        as with Prometheus' `increase`.

        Args:
            query: That gives counters, not rates.
            begin: First minute.
            end: Minute after the last.

        Raises:
            SourceError: It cannot be asked, or its answer not be used.
        """
        last: dict[tuple[tuple[str, str], ...], float] = {}
        for first in range(begin, end + 1, MOST_POINTS):
            upto = min(first + MOST_POINTS - 1, end)
            for series in self._asked(query, first * _STEP, upto * _STEP):
                labels = {name: value for name, value in series.metric.items() if name != "__name__"}
                key = tuple(sorted(series.metric.items()))
                for at, text in series.values:
                    value = float(text)
                    before = last.get(key)
                    if before is not None and value != before:
                        rise = value - before if value > before else value
                        yield labels, int(at) // _STEP - 1, round(rise)
                    last[key] = value

    def _asked(self, query: str, start: int, end: int) -> "Iterable[_Series]":
        parameters = {"query": query, "start": str(start), "end": str(end), "step": str(_STEP)}
        try:
            answer = self._client.post(f"{self._url}/api/v1/query_range", data=parameters)
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise SourceError(f"Prometheus at {_place(self._url)} cannot be asked: {error}") from None
        try:
            read = msgspec.json.decode(answer.content, type=_Answer)
        except msgspec.DecodeError as error:
            what = f"{answer.status_code}, which is no answer of its API: {error}"
            raise SourceError(f"Prometheus at {_place(self._url)} answered {what}") from None
        if read.status != "success" or read.data.result_type != "matrix":
            raise SourceError(
                f"Prometheus at {_place(self._url)} refuses {query!r}: {read.error or read.status}"
            )
        return read.data.result


def _place(url: str) -> str:
    """Without credentials."""
    try:
        parsed = httpx.URL(url)
    except httpx.InvalidURL:
        return "an address that is none"
    return f"{parsed.host}:{parsed.port}" if parsed.port else parsed.host


def collect(
    backend: Backend,
    traffic: Collected,
    *,
    good: str,
    total: str,
    labels: "Iterable[str]",
    begin: int,
    end: int,
    sli: str,
) -> int:
    """Fill traffic with what two counters rose by.

    Args:
        backend: Whom to ask.
        traffic: Where it goes.
        good: Query of the counter of good events.
        total: Query of the counter of all.
        labels: By which series are told apart; all others are added up.
        begin: First minute.
        end: Minute after the last.
        sli: `availability`, or `latency` where good means within every threshold there is.

    Returns:
        In how many minutes more was good than there was in all; they count as all good.

    Raises:
        SourceError: As with `increments`.
    """
    kept = frozenset(labels)
    sums: dict[tuple[int, tuple[tuple[str, str], ...]], list[int]] = {}
    for place, query in enumerate((good, total)):
        for found, minute, rise in backend.increments(query, begin, end):
            names = tuple(sorted((name, value) for name, value in found.items() if name in kept))
            sums.setdefault((minute, names), [0, 0])[place] += rise
    above = 0
    for (minute, names), (good_events, total_events) in sums.items():
        above += good_events > total_events
        cell = traffic.cell(minute, series_key(dict(names)))
        good_events = min(good_events, total_events)  # noqa: PLW2901  see the docstring
        if sli == "availability":
            cell[REQUESTS] += total_events
            cell[ERRORS] += total_events - good_events
        else:
            for at in range(PLAIN, len(cell), 2):
                cell[at] += good_events
                cell[at + 1] += total_events
    return above
