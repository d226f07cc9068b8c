"""Everything that has been counted, as the requests of one push."""

import asyncio
import zlib
from dataclasses import dataclass, field
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


@dataclass(slots=True)
class _Body:
    """One request while it is filled."""

    size: int = 0
    parts: list[bytes] = field(default_factory=list)
    _packer: "zlib._Compress" = field(default_factory=lambda: zlib.compressobj(_FASTEST, wbits=_GZIP))

    def add(self, message: bytes) -> None:
        self.size += len(message)
        self.parts.append(self._packer.compress(message))

    def packed(self) -> bytes:
        return b"".join([*self.parts, self._packer.flush()])


async def collect(tables: "Tables", identity: "Identity") -> tuple[bytes, ...]:
    """The totals of every series in gzipped requests.

    Others get their turns in between; the totals of one series belong to one instant, those of two may not.
    """
    series, resource = tuple(tables.series()), identity.attributes()
    thresholds = frozenset(tables.thresholds)
    bodies, body = list[bytes](), _Body()
    for at in range(0, len(series), SLICE):
        body.add(
            encode(series[at : at + SLICE], thresholds=thresholds, resource=resource, now_ns=unix_now_ns())
        )
        if body.size >= MOST_BYTES:
            bodies.append(body.packed())
            body = _Body()
        await asyncio.sleep(0)
    if body.size:
        bodies.append(body.packed())
    return tuple(bodies)
