"""Tables filled again from the database, stretch by stretch."""

from typing import TYPE_CHECKING, Final

import numpy as np

from actors.recording.levels import newest_end, read_counts, read_series, read_sketches
from actors.recording.sketches import HOUR
from actors.storage import DamagedError

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from actors.recording.tables import Tables

_BY_MINUTE: Final = 3 * 1440
"""Windows up to so many minutes may begin with any minute."""


def restored(
    connection: "sqlite3.Connection", tables: "Tables", *, stop_at: int | None = None
) -> "Iterator[int]":
    """Load what is stored, the oldest first, and tell the newest minute before it is loaded, again and again.

    Args:
        connection: Where it is.
        tables: Into which; none of their minutes is closed yet.
        stop_at: A minute at whose end somebody wants to look at the tables. From there on the minutes are
            loaded one by one, and told; those before it are not.

    Yields:
        The newest minute that the tables hold, at `stop_at` and after it.

    Raises:
        DamagedError: What is stored is not what was written.
    """
    newest = newest_end(connection)
    if newest is None:
        return
    seen = newest if stop_at is None else min(newest, stop_at + 1)  # the first end that is looked at
    try:
        tables.load_series(read_series(connection), read_sketches(connection), newest)
        counting = np.zeros(0, np.int64)
        for begin, minutes, counted in read_counts(connection, since=(seen - _BY_MINUTE) // HOUR * HOUR):
            counting = _with(counting, counted.series)
            if stop_at is not None and begin > stop_at and tables.minute is not None:
                yield tables.minute
            tables.load_counts(counted, begin, minutes, seen)
        tables.loaded(counting)
    except (ValueError, LookupError) as error:
        raise DamagedError(f"what is stored cannot be taken: {error}") from error
    if stop_at is not None:
        yield newest - 1


def _with(some: "NDArray[np.int64]", more: "NDArray[np.int64]") -> "NDArray[np.int64]":
    if len(some) >= len(more) and np.isin(more, some, assume_unique=True).all():
        return some
    return np.union1d(some, more)
