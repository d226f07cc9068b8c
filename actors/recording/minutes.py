"""One minute's counts of all series, as bytes."""

from collections.abc import Iterable, Sequence
from typing import Literal

import msgspec


class MinuteFormatError(ValueError):
    """A stored minute that cannot be read."""


class MinuteRow(msgspec.Struct, array_like=True):
    """What a minute added to one series: requests, errors, and two counters for each threshold."""

    model: str
    version: str
    labels: tuple[tuple[str, str], ...]
    counts: list[int]


class _Stored(msgspec.Struct, array_like=True):
    format: Literal[1]
    thresholds: list[float]
    rows: list[MinuteRow]


def encode_minute(thresholds: Sequence[float], rows: Iterable[MinuteRow]) -> bytes:
    """Pack one minute; `thresholds` tell what the counters behind the first two are."""
    return msgspec.msgpack.encode(_Stored(1, list(thresholds), list(rows)))


def decode_minute(stored: bytes) -> tuple[list[float], list[MinuteRow]]:
    """Unpack what `encode_minute` made.

    Raises:
        MinuteFormatError: It was not made by it, or is of a later format.
    """
    try:
        decoded = msgspec.msgpack.decode(stored, type=_Stored)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise MinuteFormatError(
            f"stored minute of {len(stored)} bytes must be of format 1: {error}"
        ) from error
    width = 2 + 2 * len(decoded.thresholds)
    if any(len(row.counts) != width for row in decoded.rows):
        raise MinuteFormatError(f"stored minute: every row must have {width} counters")
    return decoded.thresholds, decoded.rows
