"""What a node has counted, read again from its database: for replays, and to see the real traffic."""

from typing import TYPE_CHECKING

from actors.recording.counted import Counted
from actors.recording.levels import read_counts

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterator


def history(connection: "sqlite3.Connection") -> "Iterator[tuple[int, int, Counted]]":
    """What each stretch of time counted, the oldest first, as finely as it is stored.

    Minutes as far back as they are kept: three days at least, and the whole month while that is no more than
    256 MB (100 series take 10 MB, 1,000 take 95 MB); before that whole hours. Stretches that counted nothing
    are left out. The series are told by serial number, which `read_series` of `actors.recording.levels`
    gives names to; `Counted.events` tells good and total events. To have tables replay it:

        tables.load_series(read_series(connection), (), newest_end(connection))
        for minute, minutes, counted in history(connection):
            tables.load_counts(counted, minute, minutes, minute + minutes)
            evaluator.evaluate()

    Args:
        connection: A node's database of this version, also while the node runs: one opened to read is enough.

    Yields:
        First minute since 1970, number of minutes, and the counts.

    Raises:
        DamagedError: Something is not what was written.
    """
    for begin, minutes, counted in read_counts(connection):
        stretches = counted.counts.shape[2]
        each = minutes // stretches
        for at in range(stretches):
            counts = counted.counts[:, :, at : at + 1]
            if counts.any():
                yield begin + at * each, each, Counted(counted.thresholds, counted.series, counts)
