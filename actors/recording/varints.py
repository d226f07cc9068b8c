"""Many whole numbers in few bytes: LEB128, seven bits a byte, the lowest first."""

from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

_MORE: Final = 128
_BITS: Final = 7
_MOST_BYTES: Final = 9


def pack(values: "NDArray[np.int64]") -> "NDArray[np.uint8]":
    """Numbers >= 0 as bytes; one below 128 takes one."""
    (large,) = np.nonzero(values >= _MORE)
    if not len(large):
        return values.astype(np.uint8)
    rest = values[large] >> _BITS
    further = _bytes_of(rest)
    starts = large + np.cumsum(further) - further
    is_first = np.ones(len(values) + int(further.sum()), np.bool_)
    packed = np.empty(len(is_first), np.uint8)
    for place in range(1, int(further.max()) + 1):
        has = further >= place
        at, group = starts[has] + place, rest[has] >> (_BITS * (place - 1))
        is_first[at] = False
        packed[at] = (group & (_MORE - 1)) + _MORE * (further[has] > place)
    packed[is_first] = values.astype(np.uint8) & (_MORE - 1)
    packed[starts] |= _MORE
    return packed


def _bytes_of(values: "NDArray[np.int64]") -> "NDArray[np.int64]":
    """How many each takes."""
    lengths = np.ones(len(values), np.int64)
    longest, most = 1, int(values.max())
    while most >> (_BITS * longest):
        lengths += values >= 1 << (_BITS * longest)
        longest += 1
    return lengths


def unpack(packed: "NDArray[np.uint8]") -> "NDArray[np.int64]":
    """The numbers again.

    Raises:
        ValueError: The last one is cut off, or one is beyond 63 bits.
    """
    is_last = packed < _MORE
    if len(packed) and not is_last[-1]:
        raise ValueError(f"{len(packed)} bytes of numbers end within one")
    values = packed[is_last].astype(np.int64)
    (more,) = np.nonzero(~is_last)
    if not len(more):
        return values
    numbers = more - np.arange(len(more))
    firsts = np.flatnonzero(np.diff(numbers, prepend=-1))
    further = np.diff(firsts, append=len(more))
    longest = int(further.max()) + 1
    if longest > _MOST_BYTES:
        raise ValueError(f"a number of {longest} bytes is beyond 63 bits")
    numbers, ends = numbers[firsts], more[firsts] + further
    for place in range(1, longest):
        has = further >= place
        values[numbers[has]] <<= _BITS
        values[numbers[has]] += packed[ends[has] - place] & (_MORE - 1)
    return values
