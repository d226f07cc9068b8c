"""What is known of one instance, as bytes.

Stored with the minutes that were written in the same moment, as the baselines of scraped peers are: what was
pushed later is in neither, and the next push brings it. (Deltas that came later are lost with the process.)
"""

from typing import Literal, TypeAlias

import msgspec

from actors.node.baselines import BaselineFormatError
from actors.node.otlp.buckets import Explicit, Exponential
from actors.node.otlp.points import Family, Measure, Sender, StreamKey
from actors.node.otlp.stream import Stream
from actors.recording.series import SeriesKey

Streams: TypeAlias = dict[Family, dict[StreamKey, Stream]]


class _Stream(msgspec.Struct, array_like=True):
    measure: Measure
    form: str
    threshold: float | None
    start: int
    time: int
    number: int | None
    exponential: Exponential | None
    explicit: Explicit | None
    gaps: tuple[tuple[int, int], ...]


class _Family(msgspec.Struct, array_like=True):
    scope: tuple[str, str]
    model: str
    version: str
    labels: tuple[tuple[str, str], ...]
    streams: list[_Stream]


class _Stored(msgspec.Struct):
    format: Literal[1]
    service: str
    instance: str
    families: list[_Family]


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


def encode_instance(sender: Sender, streams: Streams) -> bytes:
    """Pack what is known of one sender."""
    families = [
        _Family(
            family.scope,
            family.series.model,
            family.series.version,
            family.series.labels,
            [_packed(key, stream) for key, stream in its.items()],
        )
        for family, its in streams.items()
    ]
    return msgspec.msgpack.encode(_Stored(1, sender.service, sender.instance, families))


def decode_instance(identity: str, stored: bytes) -> tuple[Sender, Streams]:
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
    streams = {
        Family(one.scope, SeriesKey(one.model, one.version, one.labels)): dict(map(_unpacked, one.streams))
        for one in decoded.families
    }
    return Sender(identity, decoded.service, decoded.instance), streams


def _packed(key: StreamKey, stream: Stream) -> _Stream:
    total = stream.total
    return _Stream(
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


def _unpacked(packed: _Stream) -> tuple[StreamKey, Stream]:
    totals = (packed.number, packed.exponential, packed.explicit)
    total = next((one for one in totals if one is not None), None)
    key = StreamKey(packed.measure, packed.form, packed.threshold)
    return key, Stream(packed.start, packed.time, total, packed.gaps)
