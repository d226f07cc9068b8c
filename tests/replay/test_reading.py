"""Rows of files as counts."""

import gzip
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from actors.replay import SourceError
from actors.replay.expressions import read_mapping
from actors.replay.files import rows_of
from actors.replay.reading import RowReader
from actors.replay.traffic import Collected

if TYPE_CHECKING:
    from collections.abc import Mapping

T = 1_700_000_040
"""The first second of a minute."""
M = T // 60


def read(folder: Path, text: str | bytes, *maps: str, **options: object) -> tuple[Collected, RowReader]:
    """What a file brings."""
    path = folder / "rows"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    traffic = Collected([0.1, 0.5])
    slos: Mapping[str, float | None] = {"up": None, "fast": 0.1}
    known: dict[str, object] = {"slos": slos, "labels": ["model", "version"]} | options
    reader = RowReader(traffic, read_mapping(maps), **known)  # type: ignore[arg-type]
    reader.read(rows_of(str(path)))
    return traffic, reader


def cells(traffic: Collected) -> dict[tuple[int, str, str], list[int]]:
    """Requests, errors, then (within, timed) of 0.1 s and 0.5 s, by minute, model and version."""
    return {
        (one.minute - M, key.model, key.version): one.counts[:, at].tolist()
        for one in traffic.minutes()
        for at, key in enumerate(one.keys)
    }


EVENTS = f"""\
timestamp,outcome,latency_seconds,model
{T},ok,0.05,fraud
{T + 59.9},ok,0.3,fraud
{T + 1},error,,fraud
{T + 60},ok,0.1,fraud
{T},ok,,churn
"""


def test_events_are_counted_by_minute_and_series_exactly_against_thresholds(tmp_path: Path) -> None:
    traffic, _ = read(tmp_path, EVENTS)
    assert cells(traffic) == {
        (0, "fraud", ""): [3, 1, 1, 2, 2, 2],
        (1, "fraud", ""): [1, 0, 1, 1, 1, 1],
        (0, "churn", ""): [1, 0, 0, 0, 0, 0],
    }


def test_same_rows_as_json_lines_and_packed_give_the_same(tmp_path: Path) -> None:
    lines = (
        f'{{"timestamp": {T}, "outcome": "ok", "latency_seconds": 0.05, "model": "fraud"}}\n'
        f'{{"timestamp": "2023-11-14T22:14:59.9Z", "outcome": "ok", "latency_seconds": 0.3,'
        ' "model": "fraud"}\n'
        f'\n{{"timestamp": {T + 1}, "outcome": "error", "model": "fraud", "latency_seconds": null}}\n'
        f'{{"timestamp": {T + 60}, "latency_seconds": 0.1, "model": "fraud"}}\n'
        f'{{"timestamp": {T}, "outcome": "ok", "model": "churn"}}\n'
    )
    expected = cells(read(tmp_path, EVENTS)[0])
    assert cells(read(tmp_path, lines)[0]) == expected
    assert cells(read(tmp_path, gzip.compress(lines.encode()))[0]) == expected


def test_intervals_without_a_name_are_of_availability(tmp_path: Path) -> None:
    traffic, _ = read(tmp_path, f"timestamp,good,total\n{T},98,100\n")
    assert cells(traffic) == {(0, "", ""): [100, 2, 0, 0, 0, 0]}


def test_intervals_of_latency_leave_availability_alone(tmp_path: Path) -> None:
    traffic, _ = read(tmp_path, f"timestamp,sli,good,total\n{T},latency,98,100\n{T},availability,7,7\n")
    assert cells(traffic) == {(0, "", ""): [7, 0, 98, 100, 98, 100]}


def test_intervals_that_name_an_objective_are_its_own(tmp_path: Path) -> None:
    traffic, _ = read(tmp_path, f"timestamp,slo,good,total\n{T},fast,98,100\n{T},up,7,9\n")
    (minute,) = traffic.minutes()
    assert {key.labels: minute.counts[:, at].tolist() for at, key in enumerate(minute.keys)} == {
        (("slo", "fast"),): [0, 0, 98, 100, 0, 0],
        (("slo", "up"),): [9, 2, 0, 0, 0, 0],
    }


def test_same_interval_twice_is_counted_once_and_told(tmp_path: Path) -> None:
    traffic, reader = read(
        tmp_path, f"timestamp,good,total,peer\n{T},1,1,a\n{T},1,1,a\n{T},1,1,b\n{T + 30},1,1,a\n"
    )
    assert cells(traffic) == {(0, "", ""): [3, 0, 0, 0, 0, 0]}
    assert reader.told.repeated == 1


def test_columns_that_no_objective_uses_make_no_series(tmp_path: Path) -> None:
    traffic, _ = read(tmp_path, f"timestamp,outcome,request id\n{T},ok,1\n{T},ok,2\n")
    assert cells(traffic) == {(0, "", ""): [2, 0, 0, 0, 0, 0]}


def test_mapping_renames_and_computes(tmp_path: Path) -> None:
    text = "TIMESTAMP,ms,status,code\n2023-11-14 22:14:00.1234567,50,500,x\n2023-11-14 22:14:00,50,200,x\n"
    maps = (
        "timestamp=TIMESTAMP",
        "latency_seconds=ms/1000",
        "outcome='error' if status >= 500 else 'ok'",
        "model='llm'",
    )
    traffic, reader = read(tmp_path, text, *maps)
    assert cells(traffic) == {(0, "llm", ""): [2, 1, 1, 1, 1, 1]}
    assert reader.told.has_naive_times


@pytest.mark.parametrize(
    ("text", "said"),
    [
        pytest.param(
            "timestamp,outcome\nyesterday,ok\n",
            "rows:2: column 'timestamp' must be ISO 8601 such as",
            id="time",
        ),
        pytest.param(
            "timestamp,outcome\n1700000040000,ok\n",
            r"milliseconds\? give --map timestamp=timestamp/1000",
            id="ms",
        ),
        pytest.param("timestamp,outcome\n-5,ok\n", "must be ISO 8601 or Unix seconds, got -5", id="negative"),
        pytest.param("timestamp,outcome\nnan,ok\n", "must be ISO 8601 or Unix seconds", id="nan"),
        pytest.param(
            "time,outcome\n1,ok\n",
            "'timestamp' must be there.*'time', 'outcome'.*--map timestamp=",
            id="missing",
        ),
        pytest.param(
            "timestamp,outcome\n1,200\n", "must be 'ok' or 'error', got '200' .a status", id="status"
        ),
        pytest.param(
            "timestamp,outcome\n1,OK\n", r"got 'OK' \(--map 'outcome=lower\(outcome\)'\)", id="case"
        ),
        pytest.param("timestamp,latency_seconds\n1,-1\n", "must be seconds >= 0, got '-1'", id="latency"),
        pytest.param("timestamp,good,total\n1,3,2\n", "3 of 2 is an SLI above 1", id="sli-above-one"),
        pytest.param(
            "timestamp,good,total\n1,1.5,2\n", "'good' must be a whole number >= 0, got '1.5'", id="fraction"
        ),
        pytest.param("timestamp,good\n1,1\n", "'total' must be there", id="no-total"),
        pytest.param("timestamp,good,total,outcome\n1,1,1,ok\n", "is it one event, or many", id="both"),
        pytest.param(
            "timestamp,model\n1,a\n",
            "outcome' must be there, or latency_seconds, or good and total",
            id="neither",
        ),
        pytest.param(
            "timestamp,good,total,slo\n1,1,1,nope\n", "name an objective.*'fast', 'up'.*got 'nope'", id="slo"
        ),
        pytest.param(
            "timestamp,good,total,sli\n1,1,1,speed\n",
            "must be 'availability' or 'latency', got 'speed'",
            id="sli",
        ),
        pytest.param(
            "timestamp,good,total\n1,1,1\n1,0,1\n",
            "stands twice.*first with 1 of 1, now 0 of 1",
            id="contradiction",
        ),
        pytest.param("timestamp,outcome\n1\n", "rows:2: line must have 2 columns", id="width"),
        pytest.param(
            '{"timestamp": 1, "outcome": "ok"}\n{"timestamp"\n',
            "rows:2: line must be one JSON object",
            id="json",
        ),
        pytest.param("1,2\n3,4\n", "rows:1: must be a line of headings", id="no-headings"),
        pytest.param("a,a\n", "headings must differ", id="headings-twice"),
        pytest.param("", "is empty", id="empty"),
        pytest.param(b"\xff\xfe\x00", "must be UTF-8 text", id="binary"),
    ],
)
def test_bad_input_is_refused_with_its_place_and_what_would_be_right(
    tmp_path: Path, text: str | bytes, said: str
) -> None:
    with pytest.raises(SourceError, match=said):
        read(tmp_path, text)


def test_bad_rows_may_be_skipped_and_are_told_by_kind(tmp_path: Path) -> None:
    text = f"timestamp,outcome\n{T},ok\nx,ok\ny,ok\n{T},maybe\n{T}\n"
    traffic, reader = read(tmp_path, text, skip_bad=True)
    assert cells(traffic) == {(0, "", ""): [1, 0, 0, 0, 0, 0]}
    assert sorted(reader.told.skipped.values()) == [1, 1, 2]


def test_rows_outside_of_the_range_are_left_out_and_told(tmp_path: Path) -> None:
    traffic, reader = read(tmp_path, EVENTS, since=T + 1, until=T + 60)
    assert cells(traffic) == {(0, "fraud", ""): [2, 1, 0, 1, 1, 1]}
    assert reader.told.outside == 3


def test_column_that_a_mapping_reads_and_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(
        SourceError, match=r"column 'when' is read by --map timestamp=.*there are timestamp, outcome"
    ):
        read(tmp_path, "timestamp,outcome\n1,ok\n", "timestamp=when")


def test_file_that_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="cannot be read: No such file"):
        list(rows_of(str(tmp_path / "nothing.csv")))
