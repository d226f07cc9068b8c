"""How much traffic an objective has, as a node has counted it."""

import sqlite3
from contextlib import closing, suppress
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Final

from actors.recording import Tables, restored
from actors.slo.grouping import grouped
from actors.storage.database import FILE_NAME

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import numpy as np
    from numpy.typing import NDArray

    from actors.slo.objective import Objective
    from supervisor.clock import Seconds

_SPANS: Final = (60, 360, 1440)


def counted(data_dir: str, objectives: "Sequence[Objective]") -> "Mapping[str, Fraction]":
    """Predictions a minute of each objective over the last day that a node has on file, by name.

    Those that had none are left out. All are if there is no such file, or it cannot be read: then there is
    just nothing to compare with, and `slokeeper doctor` says why.
    """
    database = Path(data_dir) / FILE_NAME
    if not data_dir or not database.is_file():
        return {}
    tables = Tables(sorted({one.threshold for one in objectives if one.threshold is not None}))
    address = f"{database.absolute().as_uri()}?mode=ro"
    with (
        suppress(sqlite3.Error, ValueError, LookupError),
        closing(sqlite3.connect(address, uri=True)) as connection,
    ):
        for _ in restored(connection, tables):
            pass
    if tables.minute is None:
        return {}
    return {one.name: rate for one in objectives if (rate := _rate(tables, one))}


def _rate(tables: Tables, objective: "Objective") -> Fraction:
    """Of its quietest group that had any: groups are judged apart, and it is there that traffic is low."""
    groups = grouped(tables.select(objective.match), objective.group_by).values()
    rates = [rate for rows in groups if (rate := _rate_of(tables, rows, objective.threshold))]
    return min(rates, default=Fraction(0))


def _rate_of(tables: Tables, rows: "NDArray[np.int64]", threshold: "Seconds | None") -> Fraction:
    events = {minutes: tables.sli_counts(rows, minutes, threshold)[1] for minutes in _SPANS}
    # A node that is younger than a day has all its events in less.
    span = next(minutes for minutes in _SPANS if events[minutes] == events[_SPANS[-1]])
    return Fraction(events[span], span)
