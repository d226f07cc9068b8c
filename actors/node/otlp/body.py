"""The body of a request, bounded in time and in size, before and after it is decompressed."""

import asyncio
import zlib
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import AsyncIterable

    from supervisor.clock import Seconds

MAX_BYTES: Final = 20 * 1024 * 1024
"""Of a body, compressed or not."""

TIMEOUT: Final = 30.0
"""For the whole body, seconds."""

_GZIP: Final = 16 + zlib.MAX_WBITS


class TooLargeError(ValueError):
    """A body above the limit; no more than the limit was ever held."""


class BodyTimeoutError(TimeoutError):
    """A body that did not come in time."""


class BadGzipError(ValueError):
    """A body that says it is gzip and is not, or is cut off."""


async def read_body(
    chunks: "AsyncIterable[bytes]", *, is_gzip: bool, timeout: "Seconds" = TIMEOUT, max_bytes: int = MAX_BYTES
) -> bytes:
    """Read a body whole.

    Args:
        chunks: As they come.
        is_gzip: Whether it is compressed.
        timeout: For all of it, seconds, > 0.
        max_bytes: From above this many it is refused, whether they are sent or inflated.

    Raises:
        TooLargeError: It is above the limit.
        BadGzipError: It cannot be decompressed.
        BodyTimeoutError: It did not come in time.
    """
    inflate = _Inflater(max_bytes) if is_gzip else None
    body, received = bytearray(), 0
    try:
        async with asyncio.timeout(timeout):
            async for chunk in chunks:
                received += len(chunk)
                if received > max_bytes:
                    raise TooLargeError(f"body must be at most {max_bytes} bytes, got more")
                body += chunk if inflate is None else inflate.more(chunk)
    except TimeoutError as error:
        raise BodyTimeoutError(f"body must come within {timeout:g} s") from error
    if inflate is not None:
        inflate.end()
    return bytes(body)


class _Inflater:
    """Decompresses as chunks come, and never makes more than the limit."""

    def __init__(self, most: int) -> None:
        self._most, self._left = most, most
        self._member = zlib.decompressobj(_GZIP)

    def more(self, chunk: bytes) -> bytes:
        made = bytearray()
        while chunk:
            if self._member.eof:  # one file may follow another
                self._member = zlib.decompressobj(_GZIP)
            try:
                made += self._member.decompress(chunk, self._left - len(made) + 1)
            except zlib.error as error:
                raise BadGzipError(f"body must be gzip: {error}") from error
            if len(made) > self._left:
                raise TooLargeError(f"body must be at most {self._most} bytes decompressed, got more")
            chunk = self._member.unused_data or self._member.unconsumed_tail
        self._left -= len(made)
        return bytes(made)

    def end(self) -> None:
        if not self._member.eof:
            raise BadGzipError("body must be gzip, and is cut off")
