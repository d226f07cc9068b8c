"""Prometheus' remote write, as small as a test needs it: samples of any time."""

import struct
from collections.abc import Iterable, Iterator, Mapping
from typing import Final, TypeAlias

Sample: TypeAlias = tuple[Mapping[str, str], float]
"""Labels, `__name__` among them, and the value."""

STALE: Final = struct.unpack("<d", struct.pack("<Q", 0x7FF0000000000002))[0]
"""The value that says that a series has ended."""

_LITERAL_4_BYTES: Final = 0xFC


def body(samples: Iterable[Sample], unix_ms: int) -> bytes:
    """A `WriteRequest` with one sample for each series, in Snappy's frame."""
    return _snappy(b"".join(_field(1, _series(labels, value, unix_ms)) for labels, value in samples))


def _series(labels: Mapping[str, str], value: float, unix_ms: int) -> bytes:
    named = b"".join(
        _field(1, _field(1, name.encode()) + _field(2, text.encode()))
        for name, text in sorted(labels.items())
    )
    return named + _field(2, b"\x09" + struct.pack("<d", value) + b"\x10" + bytes(_varint(unix_ms)))


def _field(number: int, content: bytes) -> bytes:
    return bytes([number << 3 | 2, *_varint(len(content))]) + content


def _varint(value: int) -> Iterator[int]:
    while value > 0x7F:
        yield value & 0x7F | 0x80
        value >>= 7
    yield value


def _snappy(content: bytes) -> bytes:
    """As one literal: Snappy may compress, and need not."""
    length = struct.pack("<I", max(0, len(content) - 1))
    return bytes(_varint(len(content))) + bytes([_LITERAL_4_BYTES]) + length + content
