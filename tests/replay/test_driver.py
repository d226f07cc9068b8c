"""Recorded traffic through the evaluator."""

from dataclasses import replace
from fractions import Fraction
from functools import cache

from actors.recording import SeriesKey
from actors.replay import Case, Episode, Replayed, replay
from actors.replay.episodes import incidents
from tests.replay.traffics import BEGIN, FRAUD, UNGUARDED, collected, replayed, steady
from tests.slo.replay import objective

QUIET = steady(0, 1000, 4320)
OUTAGE = [*QUIET, *steady(1000, 1000, 10), *steady(0, 1000, 400)]
START = BEGIN + 4320


@cache
def outage() -> Replayed:
    """Of ten minutes, after three clean days."""
    return replayed(collected(OUTAGE), points=100)


def test_episode_tells_when_it_fired_resolved_and_what_it_had_cost() -> None:
    episode = outage().episodes[0]
    assert (episode.rule, episode.severity) == ("1h/5m", "page")
    assert (episode.fired_tick, episode.resolved_tick) == (START + 1, START + 15)
    assert (episode.bad_events, episode.total_events) == (1000, 60_000)
    assert episode.budget_spent == float(Fraction(1000, 4321 * 1000) * 1000)


def test_detection_counts_from_the_first_minute_of_the_bad_stretch() -> None:
    """A blip an hour before is another story."""
    incident = [*steady(20, 1000, 1), *steady(0, 1000, 59), *steady(150, 1000, 10), *steady(0, 1000, 60)]
    found = replayed(collected([*QUIET, *incident])).episodes[0]
    assert found.fired_tick == START + 66
    assert found.detection_seconds == 360.0


def test_rules_that_overlap_wake_once() -> None:
    found = outage()
    assert [one.rule for one in found.episodes] == ["1h/5m", "6h/30m", "24h/2h", "3d/6h"]
    assert (found.pages, found.tickets) == (1, 1)


def test_ticket_beside_a_page_is_muted_and_listed() -> None:
    found = outage()
    assert [one.is_muted for one in found.episodes if one.severity == "ticket"] == [True, True]


def test_ticket_that_ends_within_a_page_is_none() -> None:
    page = Episode("a", (), "1h/5m", "page", 10, 0.5, resolved_tick=30)
    ticket = Episode("a", (), "24h/2h", "ticket", 12, 0.5, is_muted=True, resolved_tick=30)
    assert incidents([page, ticket], "ticket") == 0
    assert incidents([page, replace(ticket, resolved_tick=31)], "ticket") == 1
    assert incidents([page, replace(ticket, group=(("version", "2"),))], "ticket") == 1


def test_what_fires_at_the_end_has_not_resolved() -> None:
    found = replayed(collected([*QUIET[:500], *steady(1000, 1000, 10)]))
    assert {one.resolved_tick for one in found.episodes} == {None}


def test_minutes_without_rows_are_silence_and_not_left_out() -> None:
    """Ten minutes of outage, a silence of two hours, then two minutes more: two pages."""
    promise = objective(resolve_hold=0, min_coverage=Fraction(0))
    incident = [*steady(1000, 1000, 10), *steady(0, 0, 120), *steady(1000, 1000, 2), *steady(0, 1000, 9)]
    found = [one for one in replayed(collected([*QUIET, *incident]), promise).episodes if one.rule == "1h/5m"]
    assert [(one.fired_tick - START, one.resolved_tick and one.resolved_tick - START) for one in found] == [
        (1, 15),
        (131, 137),
    ]


def test_groups_are_judged_apart() -> None:
    traffic = collected(OUTAGE[4000:4400])
    for minute in range(400):
        traffic.add(BEGIN + minute, SeriesKey("fraud", "2"), [1000, 0])
    found = replayed(traffic, objective(group_by=("version",), **UNGUARDED))
    assert {one.group for one in found.episodes} == {(("version", "1"),)}
    assert [dict(one.group) for one in found.judgements] == [{"version": "1"}, {"version": "2"}]


def test_several_configurations_are_judged_in_one_pass() -> None:
    strict = objective(0.9999, **UNGUARDED)
    loose = replace(strict, target=Fraction(99, 100))
    short = collected(OUTAGE[4000:4400])
    both = replay(short, [Case("strict", (strict,)), Case("loose", (loose,))])
    assert both[1].episodes == replayed(short, loose).episodes != []
    assert both[0].episodes == replayed(short, strict).episodes != both[1].episodes


def test_nothing_is_replayed_to_nothing() -> None:
    assert replay(collected([]), [Case("case", (objective(),))]) == []


def test_curves_hold_points_from_the_first_minute_to_the_last() -> None:
    found = outage()
    curve = found.curves.by_group["fraud", ()]
    assert (curve.minutes[0], curve.minutes[-1]) == (BEGIN, BEGIN + len(OUTAGE) - 1)
    assert curve.budget_left[0] == 1.0
    assert curve.budget_left[-1] < 0
    assert curve.thresholds["1h/5m"] == 14.4
    assert max(curve.burn_rates["1h"]) > 14.4


def test_every_minute_is_told() -> None:
    told: list[int] = []
    replay(collected([(0, 1), (0, 0), (0, 1)]), [Case("case", (objective(),))], on_minute=told.append)
    assert told == [BEGIN, BEGIN + 1, BEGIN + 2]


def test_series_that_was_given_twice_in_one_minute_adds_up() -> None:
    traffic = collected([(1, 10)])
    traffic.add(BEGIN, FRAUD, [5, 2])
    (minute,) = traffic.minutes()
    assert minute.counts[:, 0].tolist() == [15, 3]
