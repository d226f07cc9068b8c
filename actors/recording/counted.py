"""What some stretches of time have counted, of all series, as arrays and as bytes."""

import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Self

import msgspec
import numpy as np

from actors.recording.sli_windows import EACH, ERRORS, PLAIN, REQUESTS, UNTIMED
from actors.recording.varints import pack, unpack

if TYPE_CHECKING:
    from numpy.typing import NDArray

_FASTEST: Final = 1


class CountedFormatError(ValueError):
    """Stored counts that cannot be read."""


class _First(msgspec.Struct, array_like=True, tag_field="format", tag=1):
    thresholds: tuple[float, ...]
    minutes: int
    gaps: bytes
    counters: list[bytes]


_decoder = msgspec.msgpack.Decoder(_First)


@dataclass(frozen=True, slots=True, eq=False)
class Counted:
    """Counters of some series in each of some stretches of equal length.

    Attributes:
        thresholds: What the later counters are of, seconds.
        series: Serial numbers of those that counted anything, rising.
        counts: By counter as `SLIWindows` has them, by series, and by stretch, the oldest first.
    """

    thresholds: tuple[float, ...]
    series: "NDArray[np.int64]"
    counts: "NDArray[np.int64]"

    @classmethod
    def of(cls, thresholds: Sequence[float], series: "NDArray[np.int64]", added: "NDArray[np.int64]") -> Self:
        """Of one stretch, from all rows of the windows.

        Args:
            thresholds: Of the windows.
            series: The serial number of each row.
            added: By counter and row.
        """
        rows = np.flatnonzero(added.any(axis=0))
        rows = rows[np.argsort(series[rows])]
        return cls(tuple(thresholds), series[rows], added[:, rows, None])

    @classmethod
    def one_after_the_other(cls, parts: "Sequence[Counted | None]") -> Self:
        """Several stretches as one value; None is one that counted nothing."""
        there = [one for one in parts if one is not None]
        thresholds = tuple(sorted({threshold for one in there for threshold in one.thresholds}))
        series = np.unique(np.concatenate([np.zeros(0, np.int64), *(one.series for one in there)]))
        counts = np.zeros((PLAIN + EACH * len(thresholds), len(series), len(parts)), np.int64)
        for at, one in enumerate(parts):
            if one is not None:
                counts[:, np.searchsorted(series, one.series), at] = one.against(thresholds)[:, :, 0]
        return cls(thresholds, series, counts)

    def added_up(self) -> "Counted":
        """All stretches as one."""
        return Counted(self.thresholds, self.series, self.counts.sum(axis=2, keepdims=True))

    def against(self, thresholds: Sequence[float]) -> "NDArray[np.int64]":
        """The counts with those thresholds instead; one that was not counted was unmeasured then."""
        if tuple(thresholds) == self.thresholds:
            return self.counts
        found = np.zeros((PLAIN + EACH * len(thresholds), *self.counts.shape[1:]), np.int64)
        found[:PLAIN] = self.counts[:PLAIN]
        for at, threshold in enumerate(thresholds):
            first = PLAIN + EACH * at
            if threshold in self.thresholds:
                there = PLAIN + EACH * self.thresholds.index(threshold)
                found[first : first + EACH] = self.counts[there : there + EACH]
            else:
                found[first + UNTIMED] = found[REQUESTS] - found[ERRORS]
        return found

    def events(self, threshold: float | None) -> "tuple[NDArray[np.int64], NDArray[np.int64]]":
        """Good and total events by series and stretch; those of a threshold that was not counted are none."""
        succeeded = self.counts[REQUESTS] - self.counts[ERRORS]
        if threshold is None:
            return succeeded, self.counts[REQUESTS]
        within, untimed, overtimed = self.against([threshold])[PLAIN:]
        return within, succeeded - untimed + overtimed

    def encode(self) -> bytes:
        """As bytes; a counter that stood still takes one."""
        counters = [_packed(counter) if counter.any() else b"" for counter in self.counts]
        gaps = pack(np.diff(self.series, prepend=0)).tobytes()
        return msgspec.msgpack.encode(_First(self.thresholds, self.counts.shape[2], gaps, counters))

    @classmethod
    def decode(cls, encoded: bytes) -> Self:
        """What `encode` made.

        Raises:
            CountedFormatError: It was not made by it, or is of a later format.
        """
        try:
            first = _decoder.decode(encoded)
            series = np.cumsum(unpack(np.frombuffer(first.gaps, np.uint8)))
            counts = np.zeros((len(first.counters), len(series), first.minutes), np.int64)
            for counter, packed in zip(counts, first.counters, strict=True):
                if packed:
                    counter[:] = _unpacked(packed).reshape(counter.shape)
        except (msgspec.DecodeError, ValueError, zlib.error) as error:
            raise CountedFormatError(f"stored counts of {len(encoded)} bytes: {error}") from error
        if len(counts) != PLAIN + EACH * len(first.thresholds):
            raise CountedFormatError(f"stored counts: {len(counts)} counters, of {first.thresholds} seconds")
        return cls(first.thresholds, series, counts)


def series_in(encoded: bytes) -> "NDArray[np.int64]":
    """The series of what was encoded, without the counts.

    Raises:
        CountedFormatError: It was not made by `Counted.encode`, or is of a later format.
    """
    try:
        return np.cumsum(unpack(np.frombuffer(_decoder.decode(encoded).gaps, np.uint8)))
    except (msgspec.DecodeError, ValueError) as error:
        raise CountedFormatError(f"stored counts of {len(encoded)} bytes: {error}") from error


def _packed(counter: "NDArray[np.int64]") -> bytes:
    return zlib.compress(pack(counter.ravel()).tobytes(), _FASTEST)


def _unpacked(packed: bytes) -> "NDArray[np.int64]":
    return unpack(np.frombuffer(zlib.decompress(packed), np.uint8))
