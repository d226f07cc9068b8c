"""What is known of one instance, as bytes.

Stored with the minutes that were written in the same moment, as the baselines of scraped peers are: what was
pushed later is in neither, and the next push brings it. (Deltas that came later are lost with the process.)
"""

from typing import TYPE_CHECKING, Literal

import msgspec

from actors.node.baselines import BaselineFormatError
from actors.node.otlp.buckets import Explicit, Exponential
from actors.node.otlp.points import Measure, Sender, StreamKey
from actors.node.otlp.stream import Stream
from actors.recording.series import SeriesKey

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping


class _Row(msgspec.Struct, array_like=True):
    scope: tuple[str, str]
    model: str
    version: str
    labels: tuple[tuple[str, str], ...]
    measure: Measure
    form: str
    threshold: float | None
    start: int
    time: int
    number: int | None
    exponential: Exponential | None
    explicit: Explicit | None
    gaps: tuple[tuple[int, int], ...]


class _Stored(msgspec.Struct):
    format: Literal[1]
    service: str
    instance: str
    rows: list[_Row]


def encode_since(since: int) -> bytes:
    """Pack the time from which on the node counts, unix nanoseconds."""
    return msgspec.msgpack.encode(since)


def decode_since(stored: bytes) -> int:
    """Unpack what `encode_since` made.

    Raises:
        BaselineFormatError: It was not made by it.
    """
    try:
        return msgspec.msgpack.decode(stored, type=int)
    except msgspec.DecodeError as error:
        raise BaselineFormatError(f"stored time must be a whole number: {error}") from error


def encode_instance(sender: Sender, streams: "Mapping[StreamKey, Stream]") -> bytes:
    """Pack what is known of one sender."""
    rows = [_row(key, stream) for key, stream in streams.items()]
    return msgspec.msgpack.encode(_Stored(1, sender.service, sender.instance, rows))


def decode_instance(identity: str, stored: bytes) -> "tuple[Sender, Iterable[tuple[StreamKey, Stream]]]":
    """Unpack what `encode_instance` made.

    Raises:
        BaselineFormatError: It was not made by it, or is of a later format.
    """
    try:
        decoded = msgspec.msgpack.decode(stored, type=_Stored)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise BaselineFormatError(
            f"stored instance of {len(stored)} bytes must be of format 1: {error}"
        ) from error
    return Sender(identity, decoded.service, decoded.instance), map(_pair, decoded.rows)


def _row(key: StreamKey, stream: Stream) -> _Row:
    total = stream.total
    return _Row(
        key.scope,
        key.series.model,
        key.series.version,
        key.series.labels,
        key.measure,
        key.form,
        key.threshold,
        stream.start,
        stream.time,
        total if isinstance(total, int) else None,
        total if isinstance(total, Exponential) else None,
        total if isinstance(total, Explicit) else None,
        stream.gaps,
    )


def _pair(row: _Row) -> tuple[StreamKey, Stream]:
    series = SeriesKey(row.model, row.version, row.labels)
    key = StreamKey(row.scope, series, row.measure, row.form, row.threshold)
    total = next((one for one in (row.number, row.exponential, row.explicit) if one is not None), None)
    return key, Stream(row.start, row.time, total, row.gaps)
