"""One minute of all series, as databases of the first version held it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import msgspec
import numpy as np

from actors.recording.cells import BITS, Cells
from actors.recording.varints import unpack

_Labels: TypeAlias = tuple[tuple[str, str], ...]


class MinuteFormatError(ValueError):
    """A stored minute that cannot be read."""


class MinuteRow(msgspec.Struct, array_like=True):
    """What a minute added to one series.

    Attributes:
        model: The model's name.
        version: Its version.
        labels: Further labels.
        counts: Requests, errors, cancelled and invalid ones; then for each threshold how many succeeded
            within it, and how many were timed against it.
    """

    model: str
    version: str
    labels: _Labels
    counts: list[int]


@dataclass(frozen=True, slots=True)
class StoredMinute:
    """A minute as it is kept.

    Attributes:
        thresholds: What the later counters of a row are of, seconds.
        rows: Each series that counted anything.
        cells: How long predictions took, the series told by its place among the rows.
    """

    thresholds: Sequence[float]
    rows: Sequence[MinuteRow]
    cells: Cells


class _First(msgspec.Struct, array_like=True, tag_field="format", tag=1):
    # Without cancelled, invalid and cells.
    thresholds: list[float]
    rows: list[MinuteRow]


class _Second(msgspec.Struct, array_like=True, tag_field="format", tag=2):
    thresholds: list[float]
    rows: list[MinuteRow]
    gaps: bytes
    counts: bytes


_decoder = msgspec.msgpack.Decoder(_First | _Second)


def decode_minute(stored: bytes) -> StoredMinute:
    """Unpack one, of format 1 or 2.

    Raises:
        MinuteFormatError: It is neither.
    """
    try:
        decoded = _decoder.decode(stored)
        cells = _cells(decoded.gaps, decoded.counts) if isinstance(decoded, _Second) else Cells.together(())
    except (msgspec.DecodeError, ValueError) as error:
        raise MinuteFormatError(
            f"stored minute of {len(stored)} bytes must be of format 1 or 2: {error}"
        ) from error
    plain = 4 if isinstance(decoded, _Second) else 2
    width = plain + 2 * len(decoded.thresholds)
    if any(len(row.counts) != width for row in decoded.rows):
        raise MinuteFormatError(f"stored minute: every row must have {width} counters")
    if len(cells.keys) and cells.keys[-1] >> BITS >= len(decoded.rows):
        raise MinuteFormatError(f"stored minute: cells must be of its {len(decoded.rows)} series")
    return StoredMinute(decoded.thresholds, list(_rows(decoded.rows, plain)), cells)


def _cells(gaps: bytes, counts: bytes) -> Cells:
    keys, held = (unpack(np.frombuffer(one, np.uint8)) for one in (gaps, counts))
    if len(keys) != len(held):
        raise ValueError(f"{len(keys)} cells must have as many counts, got {len(held)}")
    return Cells(np.cumsum(keys), held)


def _rows(rows: Iterable[MinuteRow], plain: int) -> Iterable[MinuteRow]:
    for row in rows:
        counts = row.counts if plain == 4 else [*row.counts[:2], 0, 0, *row.counts[2:]]
        yield MinuteRow(row.model, row.version, row.labels, counts)
