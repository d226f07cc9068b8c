"""Everything that has been counted, as the requests of one push."""

import asyncio
import zlib
from typing import TYPE_CHECKING, Final

from actors.recording.otlp.encode import encode
from supervisor.clock import unix_now_ns

if TYPE_CHECKING:
    from actors.recording.identity import Identity
    from actors.recording.tables import Tables

SLICE: Final = 16
"""Series that are encoded in one turn of the loop: less than a millisecond's work."""
MOST_BYTES: Final = 2 * 1024 * 1024
"""Of one request before compression, give or take a slice; collectors refuse more than 20 MiB."""

_FASTEST = 1
_GZIP = 31


class _Body:
    """One request while it is filled."""

    __slots__ = ("_packer", "_parts", "size")

    def __init__(self, *, is_packed: bool) -> None:
        self.size = 0
        self._parts: list[bytes] = []
        self._packer = zlib.compressobj(_FASTEST, wbits=_GZIP) if is_packed else None

    def add(self, message: bytes) -> None:
        self.size += len(message)
        self._parts.append(message if self._packer is None else self._packer.compress(message))

    def whole(self) -> bytes:
        if self._packer is not None:
            self._parts.append(self._packer.flush())
        return b"".join(self._parts)


async def collect(tables: "Tables", identity: "Identity", *, is_packed: bool = True) -> tuple[bytes, ...]:
    """The totals of every series in requests, compressed with gzip if `is_packed`.

    Others get their turns in between; the totals of one series belong to one instant, those of two may not.
    """
    series, resource = tuple(tables.series()), identity.attributes()
    thresholds = frozenset(tables.thresholds)
    bodies, body = list[bytes](), _Body(is_packed=is_packed)
    for at in range(0, len(series), SLICE):
        some = series[at : at + SLICE]
        body.add(encode(some, thresholds=thresholds, resource=resource, now_ns=unix_now_ns()))
        if body.size >= MOST_BYTES:
            bodies.append(body.whole())
            body = _Body(is_packed=is_packed)
        await asyncio.sleep(0)
    if body.size:
        bodies.append(body.whole())
    return tuple(bodies)
