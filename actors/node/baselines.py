"""What a peer had counted when we last looked, as bytes.

With them a restart of the node neither loses nor doubles what the peer counts meanwhile. They belong to the
minutes that were written in the same moment: counts that came later are in neither, and the first look after
the restart brings them.
"""

from typing import TYPE_CHECKING, Literal

import msgspec

from actors.node.counters import Cumulative, Reading
from actors.recording.series import SeriesKey

if TYPE_CHECKING:
    from collections.abc import Iterable


class BaselineFormatError(ValueError):
    """Stored baselines that cannot be read; without them the peer's next answer is a first sight again."""


class _Row(msgspec.Struct, array_like=True):
    model: str
    version: str
    labels: tuple[tuple[str, str], ...]
    requests: int
    errors: int
    within: tuple[tuple[float, int], ...]
    created: float | None
    # What came later stands at the end, and may be missing.
    cancelled: int = 0
    invalid: int = 0


class _Stored(msgspec.Struct):
    format: Literal[1]
    rows: list[_Row]


def encode_baselines(baselines: Reading) -> bytes:
    """Pack one peer's baselines for the `baselines` table; the same ones give the same bytes."""
    return msgspec.msgpack.encode(
        _Stored(1, sorted(_rows(baselines), key=lambda row: (row.model, row.version, row.labels)))
    )


def decode_baselines(stored: bytes) -> dict[SeriesKey, Cumulative]:
    """Unpack what `encode_baselines` made.

    Raises:
        BaselineFormatError: It was not made by it, or is of a later format.
    """
    try:
        rows = msgspec.msgpack.decode(stored, type=_Stored).rows
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise BaselineFormatError(
            f"stored baselines of {len(stored)} bytes must be of format 1: {error}"
        ) from error
    return {
        SeriesKey(row.model, row.version, row.labels): Cumulative(
            row.requests, row.errors, row.within, row.created, row.cancelled, row.invalid
        )
        for row in rows
    }


def _rows(baselines: Reading) -> "Iterable[_Row]":
    for key, total in baselines.items():
        yield _Row(
            key.model,
            key.version,
            key.labels,
            total.requests,
            total.errors,
            total.within,
            total.created,
            total.cancelled,
            total.invalid,
        )
