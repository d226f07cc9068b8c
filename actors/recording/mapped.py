"""Arrays that take no memory until they are written to."""

from mmap import ACCESS_COPY, mmap
from typing import TYPE_CHECKING, TypeVar

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

_Number = TypeVar("_Number", bound=np.integer)


def mapped_zeros(rows: int, columns: int, dtype: type[_Number]) -> "NDArray[_Number]":
    """Zeros, of which only those pages of the system's memory are taken that are written to.

    `numpy.zeros` promises as much only while nothing has been freed that it may use again, which it must then
    fill with zeros, all at once; or it takes huge pages.

    Args:
        rows: How many, >= 1.
        columns: How many, >= 1.
        dtype: Of each number.
    """
    # A copy on write: what a forked process writes must not be seen here.
    memory = mmap(-1, rows * columns * np.dtype(dtype).itemsize, access=ACCESS_COPY)
    return np.frombuffer(memory, dtype).reshape(rows, columns)
