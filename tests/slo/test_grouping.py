"""Which series are judged together."""

from actors.recording.series import SeriesKey
from actors.slo.grouping import grouped

ONE, TWO = SeriesKey("fraud", "1"), SeriesKey("fraud", "2", (("region", "eu"),))
SERIES = ((0, ONE), (4, TWO), (7, SeriesKey("fraud", "2")))


def test_series_with_the_same_values_make_one_group() -> None:
    groups = grouped(SERIES, ("version",))
    assert {group: rows.tolist() for group, rows in groups.items()} == {
        (("version", "1"),): [0],
        (("version", "2"),): [4, 7],
    }


def test_without_labels_to_group_by_all_series_are_one_group() -> None:
    assert {group: rows.tolist() for group, rows in grouped(SERIES, ()).items()} == {(): [0, 4, 7]}


def test_label_that_a_series_lacks_is_the_empty_string() -> None:
    assert list(grouped(SERIES, ("region", "version"))) == [
        (("region", ""), ("version", "1")),
        (("region", ""), ("version", "2")),
        (("region", "eu"), ("version", "2")),
    ]


def test_without_series_nothing_is_judged() -> None:
    assert grouped((), ()) == {}
