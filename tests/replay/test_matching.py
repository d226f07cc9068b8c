"""Objectives and the traffic they find."""

import pytest

from actors.recording import SeriesKey
from actors.replay import SourceError
from actors.replay.matching import matched
from tests.slo.replay import objective

PLAIN = SeriesKey("", "")


def test_label_that_no_row_has_is_taken_for_granted_and_told() -> None:
    (found,), notes = matched([objective(match={"model": "fraud"})], [PLAIN])
    assert found.match == {}
    assert notes == ["no row has the label 'model': all are taken to be of model=fraud"]


def test_objectives_that_want_different_values_of_a_missing_label_are_refused() -> None:
    both = [objective(name=name, match={"model": name}) for name in ("fraud", "churn")]
    with pytest.raises(SourceError, match=r"objectives want 'churn', 'fraud' of it: choose with --slo"):
        matched(both, [PLAIN])


def test_objective_that_nothing_matches_is_left_out_and_told() -> None:
    both = [objective(name=name, match={"model": name}) for name in ("fraud", "churn")]
    found, notes = matched(both, [SeriesKey("fraud", "1")])
    assert [one.name for one in found] == ["fraud"]
    assert notes == ["churn: no row matches model=churn, so it is not judged"]


def test_traffic_that_no_objective_matches_is_refused() -> None:
    with pytest.raises(SourceError, match=r"fraud matches model=fraud; the first row has model=other"):
        matched([objective(match={"model": "fraud"})], [SeriesKey("other", "")])


def test_objective_that_rows_name_has_those_rows_only() -> None:
    named = SeriesKey("", "", (("slo", "fraud"),))
    found, _ = matched([objective(name="fraud"), objective(name="all")], [named, PLAIN])
    assert [one.match for one in found] == [{"slo": "fraud"}, {}]
