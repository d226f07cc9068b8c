"""Bytes that tell whether they are still what was written, and where it was."""

import zlib
from typing import Final

from actors.storage.errors import DamagedError

_LENGTH: Final = 4


def seal(payload: bytes, *place: object) -> bytes:
    """Put a checksum before some bytes.

    Args:
        payload: The bytes.
        place: Where they will stand, a table and a key: taken from anywhere else they are damaged too.
    """
    return _checksum(payload, place) + payload


def unseal(sealed: bytes, *place: object) -> bytes:
    """The bytes without it.

    Raises:
        DamagedError: They are not what was written there.
    """
    payload = sealed[_LENGTH:]
    if _checksum(payload, place) != sealed[:_LENGTH]:
        raise DamagedError(f"what stands at {'/'.join(map(str, place))} is not what was written")
    return payload


def _checksum(payload: bytes, place: tuple[object, ...]) -> bytes:
    # SQLite has none of its own: a bit that flips within a blob would go unseen.
    return zlib.crc32(payload, zlib.crc32(repr(place).encode())).to_bytes(_LENGTH)
