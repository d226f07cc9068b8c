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
    lengths = np.ones(len(values), np.int64)
    longest, most = 1, int(values.max(initial=0))
    while most >> (_BITS * longest):
        lengths += values >= 1 << (_BITS * longest)
        longest += 1
    starts = np.cumsum(lengths) - lengths
    packed = np.zeros(int(lengths.sum()), np.uint8)
    for place in range(longest):
        has = np.flatnonzero(lengths > place) if place else slice(None)
        group = (values[has] >> (_BITS * place)) & (_MORE - 1)
        packed[starts[has] + place] = group + _MORE * (lengths[has] > place + 1)
    return packed


def unpack(packed: "NDArray[np.uint8]") -> "NDArray[np.int64]":
    """The numbers again.

    Raises:
        ValueError: The last one is cut off, or one is beyond 63 bits.
    """
    ends = np.flatnonzero(packed < _MORE)
    if len(packed) and (not len(ends) or ends[-1] != len(packed) - 1):
        raise ValueError(f"{len(packed)} bytes of numbers end within one")
    starts = np.empty_like(ends)
    starts[:1], starts[1:] = 0, ends[:-1] + 1
    lengths = ends - starts + 1
    longest = int(lengths.max(initial=1))
    if longest > _MOST_BYTES:
        raise ValueError(f"a number of {longest} bytes is beyond 63 bits")
    values = (packed[starts] & (_MORE - 1)).astype(np.int64)
    for place in range(1, longest):
        has = np.flatnonzero(lengths > place)
        values[has] += (packed[starts[has] + place] & (_MORE - 1)).astype(np.int64) << (_BITS * place)
    return values
