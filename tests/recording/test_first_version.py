"""Databases of the first version: nothing that they hold is lost, and what cannot be read is refused."""

import sqlite3
from collections.abc import Sequence
from typing import TypeAlias

import msgspec
import numpy as np
import pytest

from actors.recording import SeriesKey, Tables, Taken, convert, restored
from actors.recording.levels import read_counts, read_series
from actors.recording.merging import added_up
from actors.recording.minutes import MinuteFormatError, decode_minute
from actors.recording.tallies import Tallies
from actors.recording.varints import pack
from actors.storage.schema import MIGRATIONS, migrate
from tests.recording.kept import Keeper, Memory

MINUTE = 29_000_040
MONTH = 30 * 1440
ONE, TWO = SeriesKey("fraud", "1"), SeriesKey("fraud", "2", (("region", "east"),))

_Row: TypeAlias = tuple[str, str, tuple[tuple[str, str], ...], list[int]]


def minute_of_the_first_version(tables: Tables, minute: int) -> bytes:
    """What its `dump_minute` made of one closed minute."""
    counted = tables.dump_minute(minute)
    keys, told = tables.series_since(0), counted.counts[:, :, 0]
    columns = [*told[:4]]
    for at in range(4, len(told), 3):
        columns += [told[at], told[0] - told[1] - told[at + 1] + told[at + 2]]
    rows: list[_Row] = [
        (key.model, key.version, key.labels, [int(column[at]) for column in columns])
        for at, key in enumerate(keys[serial] for serial in counted.series.tolist())
    ]
    held = [one for one in tables.dump_sketches() if (one.begin, one.end) == (minute, minute + 1)]
    cells = Tallies(list(added_up([one.held for one in held]))).cells()
    places = np.searchsorted(counted.series, cells.series())
    cells = cells.moved(places)
    gaps, counts = pack(np.diff(cells.keys, prepend=0)).tobytes(), pack(cells.counts).tobytes()
    return msgspec.msgpack.encode([2, tables.thresholds, rows, gaps, counts])


def old_database() -> sqlite3.Connection:
    connection = sqlite3.connect(":memory:", isolation_level=None, factory=Memory)
    migrate(connection, MIGRATIONS[:1])
    return connection


def lived(minutes: Sequence[int]) -> tuple[Tables, sqlite3.Connection]:
    """Tables that have counted in these minutes, and what the first version wrote of them."""
    tables, connection = Tables([0.1]), old_database()
    for at, minute in enumerate(minutes):
        tables.add_taken(ONE, Taken([0.05, 0.3], [0.1]))
        tables.add_taken(TWO, Taken([0.05] * (at % 5), cancelled=[0.1], invalid=[0.1]))
        tables.close_minutes(minute + 1)
        row = (minute, minute_of_the_first_version(tables, minute))
        connection.execute("INSERT INTO minutes VALUES (?, ?)", row)
    migrate(connection)
    return tables, connection


def test_all_that_the_first_version_held_is_there() -> None:
    """Every minute for ten hours, and one every five hours before that."""
    minutes = [*range(MINUTE, MINUTE + MONTH - 700, 301), *range(MINUTE + MONTH - 600, MINUTE + MONTH)]
    before, connection = lived(minutes)
    assert convert(connection) == len(minutes)
    after = Keeper(Tables([0.1]), connection).restart().tables
    for key in (ONE, TWO):
        rows = [
            np.array([row for row, other in one.select({}) if other == key], np.int64)
            for one in (before, after)
        ]
        for length in (1, 5, 360, 361, 1440, 4320, 4321, MONTH):
            for threshold in (None, 0.1):
                told = [
                    one.sli_counts(row, length, threshold)
                    for one, row in zip((before, after), rows, strict=True)
                ]
                assert told[0] == told[1]
            quantiles = [
                one.latency_quantile(row, 0.9, length) for one, row in zip((before, after), rows, strict=True)
            ]
            assert quantiles[0] == quantiles[1]


def test_conversion_happens_once() -> None:
    _, connection = lived([MINUTE, MINUTE + 1])
    assert (convert(connection), convert(connection)) == (2, None)
    assert [begin for begin, _, _ in read_counts(connection)] == [MINUTE, MINUTE + 1]


def test_minute_of_the_format_before_has_no_durations() -> None:
    connection = old_database()
    row = ["fraud", "1", [], [3, 1, 1, 2]]
    packed = msgspec.msgpack.encode([1, [0.1], [row]])
    connection.execute("INSERT INTO minutes VALUES (?, ?)", (MINUTE, packed))
    migrate(connection)
    convert(connection)
    assert read_series(connection) == {0: ONE}
    tables = Tables([0.1])
    for _ in restored(connection, tables):
        pass
    rows = np.array([0])
    assert (tables.sli_counts(rows, 1, None), tables.sli_counts(rows, 1, 0.1)) == ((2, 3), (1, 2))
    assert tables.latency_quantile(rows, 0.5) is None


@pytest.mark.parametrize(
    "packed",
    [
        pytest.param(b"", id="empty"),
        pytest.param(b"\x93\x03\x90\x90", id="later-format"),
        pytest.param(b"rubbish", id="rubbish"),
        pytest.param(b"\x93\x01\x90\x91\x94\xa1m\xa1v\x90\x91\x01", id="row-of-another-width"),
        pytest.param(b"\x95\x02\x90\x90\xc4\x01\x01\xc4\x01\x01", id="cells-of-no-series"),
        pytest.param(b"\x95\x02\x90\x90\xc4\x01\x80\xc4\x01\x01", id="cells-cut-off"),
        pytest.param(b"\x95\x02\x90\x90\xc4\x01\x01\xc4\x00", id="cells-without-a-count"),
    ],
)
def test_minute_that_cannot_be_read_is_refused(packed: bytes) -> None:
    with pytest.raises(MinuteFormatError, match="stored minute"):
        decode_minute(packed)
