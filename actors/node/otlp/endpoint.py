"""`POST /v1/metrics`."""

import asyncio
from collections import Counter
from typing import TYPE_CHECKING, Final

import structlog
from starlette.requests import ClientDisconnect

from actors.node.otlp.answers import refusal, taken
from actors.node.otlp.body import MAX_BYTES, BadGzipError, BodyTimeoutError, TooLargeError, read_body
from actors.node.otlp.decoding import Encoding, ProtobufMissingError, UndecodableError, decode
from actors.node.otlp.instance import Moment
from actors.node.otlp.reading import read_batch
from supervisor.clock import monotonic, unix_now_ns

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

    from actors.node.otlp.points import Batch
    from actors.node.otlp.pushes import Pushes
    from actors.node.peer import CountsTable

log = structlog.get_logger(__name__)

_INLINE_BYTES: Final = 8 * 1024
"""What is larger is decoded in a thread, so that the loop goes on."""


class CompressionError(ValueError):
    """A body is compressed in a way that is not known here."""


_REFUSALS: "Final[dict[type[Exception], tuple[int, dict[str, str]]]]" = {
    TooLargeError: (413, {"Connection": "close"}),
    BodyTimeoutError: (408, {"Connection": "close"}),
    CompressionError: (415, {"Accept-Encoding": "gzip"}),
    ProtobufMissingError: (415, {"Accept": Encoding.JSON}),
    BadGzipError: (400, {}),
    UndecodableError: (400, {}),
    ClientDisconnect: (400, {}),
}


class PushEndpoint:
    """Takes OTLP metrics over HTTP, in protobuf or JSON.

    Args:
        pushes: What is known of those who push.
        tables: Where the counts go.
        max_bytes: Of a body, decompressed; above it the answer is 413.
    """

    def __init__(self, pushes: "Pushes", tables: "CountsTable", max_bytes: int = MAX_BYTES) -> None:
        self._pushes, self._tables, self._max_bytes = pushes, tables, max_bytes

    async def __call__(self, request: "Request") -> "Response":
        """Answer one push; a client that hears nothing may send it again."""
        encoding = _encoding(request)
        if encoding is None:
            allowed = ", ".join(Encoding)
            return refusal(Encoding.JSON, 415, f"Content-Type must be one of {allowed}", {"Accept": allowed})
        try:
            body = await read_body(request.stream(), is_gzip=_is_gzip(request), max_bytes=self._max_bytes)
            batch = await _read(body, encoding)
        except tuple(_REFUSALS) as error:
            status, headers = next(_REFUSALS[kind] for kind in _REFUSALS if isinstance(error, kind))
            return refusal(encoding, status, str(error), headers)
        refused = await self._count(batch)
        if refused:
            log.debug("pushed points refused", refused=dict(refused))
        return taken(encoding, refused)

    async def _count(self, batch: "Batch") -> Counter[str]:
        """Each piece in one step; others get their turns in between."""
        refused, moment = Counter(batch.refused), Moment(monotonic(), unix_now_ns())
        self._pushes.refused += refused.total()
        for piece in batch.pushes:
            refused += self._pushes.take(piece, moment, self._tables)
            await asyncio.sleep(0)
        return refused


def _is_gzip(request: "Request") -> bool:
    compression = request.headers.get("content-encoding", "identity").strip().lower()
    if compression not in {"gzip", "identity", ""}:
        raise CompressionError(f"Content-Encoding must be gzip or none, got {compression[:40]!r}")
    return compression == "gzip"


def _encoding(request: "Request") -> Encoding | None:
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    return next((one for one in Encoding if one == media_type), None)


async def _read(body: bytes, encoding: Encoding) -> "Batch":
    if len(body) <= _INLINE_BYTES:
        return read_batch(decode(body, encoding))
    return await asyncio.get_running_loop().run_in_executor(None, lambda: read_batch(decode(body, encoding)))
