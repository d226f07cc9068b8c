"""Which partition a key leads to: a function of the two, the same in every run and on every machine."""

import struct
import zlib
from enum import Enum
from typing import TYPE_CHECKING
from uuid import UUID

from supervisor.errors import BadNameError

if TYPE_CHECKING:
    from collections.abc import Iterator


def hash_of(key: object) -> int:
    """What a key is spread by: of a whole number its absolute value, else a checksum of what it says.

    Keys of different types are different keys, also where Python calls them equal: `1.0` is not `1`.

    Args:
        key: A string, bytes, a number, None, a member of an `Enum`, a `UUID`, or a tuple of such.

    Raises:
        BadNameError: It is none of these, and nothing stable is known of it.

    Source:
        Elixir's `PartitionSupervisor`: `abs(key)` for whole numbers, else `:erlang.phash2`, for which stands
        CRC-32 here. Python's `hash` is salted anew in each run.
    """
    return abs(int(key)) if isinstance(key, int) else zlib.crc32(b"".join(_encoded(key)))


def partition_of(key: object, partitions: int) -> int:
    """The index of the partition that a key leads to.

    Args:
        key: As in `hash_of`.
        partitions: How many there are, >= 1.

    Raises:
        BadNameError: No index can be made of that key.
    """
    return hash_of(key) % partitions


def _encoded(key: object) -> "Iterator[bytes]":
    """What a key says, in bytes that no other key has."""
    match key:
        case str():
            yield from _framed(b"s", key.encode("utf-8", "surrogatepass"))
        case bytes():
            yield from _framed(b"b", key)
        case int():
            yield from _framed(b"i", str(int(key)).encode())
        case float():
            yield from (b"f", struct.pack(">d", key))
        case None:
            yield b"n"
        case Enum():
            yield from _framed(b"e", f"{type(key).__qualname__}.{key.name}".encode())
        case UUID():
            yield from (b"u", key.bytes)
        case tuple():
            yield from (b"t", struct.pack(">I", len(key)))
            for part in key:
                yield from _encoded(part)
        case _:
            raise BadNameError(
                "the key of a partition", "be a str, bytes, number, None, Enum, UUID, or a tuple of such", key
            )


def _framed(kind: bytes, text: bytes) -> "Iterator[bytes]":
    yield from (kind, struct.pack(">I", len(text)), text)
