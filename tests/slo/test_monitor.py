"""The actor that judges one objective every minute."""

from dataclasses import replace
from math import inf

import pytest
from structlog.testing import capture_logs

from actors.config.settings import ObjectiveSettings
from supervisor.testing import settle
from tests.slo.monitored import FIRST_MINUTE, Watched

AVAILABILITY = ObjectiveSettings(
    name="fraud-availability", sli="availability", match={"model": "fraud"}, group_by=("version",)
)
LATENCY = ObjectiveSettings(
    name="fraud-latency",
    sli="latency",
    match={"model": "fraud"},
    group_by=("version",),
    objective=0.99,
    threshold=0.1,
)
ONE = (("version", "1"),)


async def test_every_group_is_judged_by_its_own_events() -> None:
    watched = Watched(AVAILABILITY)
    async with watched.running():
        watched.count(1000, errors=2, version="1")
        watched.count(500, version="2")
        judgements = await watched.pass_minute()
    assert [(dict(one.group), one.good_events, one.total_events) for one in judgements] == [
        ({"version": "1"}, 998, 1000),
        ({"version": "2"}, 500, 500),
    ]
    assert [one.budget_left for one in judgements] == [-1, 1]
    assert {one.minute for one in judgements} == {FIRST_MINUTE}


async def test_objective_without_groups_judges_all_series_as_one() -> None:
    settings = ObjectiveSettings(name="all", sli="availability", match={"model": "fraud"})
    watched = Watched(settings)
    async with watched.running():
        watched.count(990, errors=10, version="1")
        watched.count(10, version="2")
        (judgement,) = await watched.pass_minute()
    assert (judgement.group, judgement.good_events, judgement.total_events) == ({}, 990, 1000)


async def test_series_that_do_not_match_do_not_count() -> None:
    watched = Watched(ObjectiveSettings(name="one", sli="availability", match={"version": "1"}))
    async with watched.running():
        watched.count(10, version="1")
        watched.count(100, errors=100, version="2")
        (judgement,) = await watched.pass_minute()
    assert (judgement.good_events, judgement.total_events) == (10, 10)


async def test_latency_judges_what_succeeded_by_its_threshold() -> None:
    """Failures that were fast or slow are none of its business: availability has them."""
    watched = Watched(LATENCY)
    async with watched.running():
        watched.count(100, errors=10, within={0.1: 81, inf: 90})
        (judgement,) = await watched.pass_minute()
    assert (judgement.good_events, judgement.total_events) == (81, 90)


async def test_version_that_appears_is_judged_from_the_next_minute_on() -> None:
    watched = Watched(AVAILABILITY)
    async with watched.running():
        watched.count(10, version="1")
        before = await watched.pass_minute()
        watched.count(10, version="2")
        after = await watched.pass_minute()
    assert ([one.group["version"] for one in before], [one.group["version"] for one in after]) == (
        ["1"],
        ["1", "2"],
    )


async def test_nothing_is_said_before_the_first_minute_is_closed() -> None:
    watched = Watched(AVAILABILITY)
    async with watched.running():
        watched.count(10)
        watched.tell()
        await settle()
    assert watched.reports == []


async def test_backlog_of_minutes_is_judged_once() -> None:
    """The tables know the present only: judging it again for each message would say the same again."""
    watched = Watched(AVAILABILITY)
    async with watched.running():
        for _ in range(3):
            watched.count(10)
            watched.close()
            watched.tell()
        await settle()
    assert [[one.total_events for one in report] for report in watched.reports] == [[30]]


async def test_each_check_is_one_line_for_each_group() -> None:
    watched = Watched(replace(AVAILABILITY, min_coverage=0.0))
    with capture_logs() as lines:
        async with watched.running():
            watched.count(1000, errors=18)
            await watched.pass_minute()
    checks = [line for line in lines if line["event"] == "SLO check"]
    assert checks == [
        {
            "event": "SLO check",
            "log_level": "warning",
            "slo": "fraud-availability",
            "availability": 0.982,
            "group": {"version": "1"},
            "p99_latency_seconds": None,
            "burn_rates": dict.fromkeys(["5m", "30m", "1h", "2h", "6h", "24h", "3d"], 18.0),
            "budget_left": -17.0,
            "rules": ["page 1h/5m", "page 6h/30m", "ticket 24h/2h", "ticket 3d/6h"],
            "verdict": "violated",
        }
    ]


async def test_check_of_a_promise_that_is_kept_is_no_warning() -> None:
    watched = Watched(LATENCY)
    with capture_logs() as lines:
        async with watched.running():
            watched.count(1000, within={0.1: 1000, inf: 1000})
            await watched.pass_minute()
    (check,) = [line for line in lines if line["event"] == "SLO check"]
    assert (check["log_level"], check["within_threshold"], check["verdict"]) == ("info", 1.0, "met")
    assert check["p99_latency_seconds"] == pytest.approx(0.1, rel=0.0055)


async def test_silence_after_a_fault_neither_heals_nor_burns() -> None:
    """Nobody asks any more, perhaps because nobody can: that does not say that the fault is over."""
    watched = Watched(AVAILABILITY)
    async with watched.running():
        watched.count(1000, errors=1000)
        await watched.pass_minute()
        watched.close(minutes=400)
        (silent,) = await watched.pass_minute()
        watched.count(1000)
        await watched.pass_minute()
        watched.close(minutes=5)
        watched.count(1000)
        (healed,) = await watched.pass_minute()
    page = silent.rules[0]
    assert (page.is_true, page.is_firing) == (None, True)
    assert (healed.rules[0].is_true, healed.rules[0].is_firing) == (False, False)


async def test_rule_that_can_never_fire_is_named_at_the_start() -> None:
    watched = Watched(ObjectiveSettings(name="loose", sli="availability", match={}, objective=0.9))
    with capture_logs() as lines:
        async with watched.running():
            pass
    assert [line for line in lines if line["event"] == "SLO rule left out"] == [
        {
            "event": "SLO rule left out",
            "log_level": "warning",
            "slo": "loose",
            "reason": "page 14.4 over 1h/5m can never fire: a total outage burns at 10",
        }
    ]


async def test_killed_monitor_comes_back_and_has_forgotten_nothing() -> None:
    watched = Watched(AVAILABILITY)
    async with watched.running():
        watched.count(1000, errors=500)
        await watched.pass_minute()
        watched.tree.kill(watched.path)
        watched.count(1000)
        watched.close()
        watched.tell()
        await settle()
    assert [[one.total_events for one in report] for report in watched.reports] == [[1000], [2000]]
    (judgement,) = watched.evaluator.judgements()
    assert judgement.good_events == 1500


async def test_report_that_fails_is_a_crash_and_the_next_minute_is_judged() -> None:
    watched = Watched(AVAILABILITY)
    watched.failing = iter([RuntimeError("nobody there")])
    async with watched.running():
        watched.count(10)
        watched.close()
        watched.tell()
        await settle()
        assert watched.reports == []
        watched.count(10)
        (judgement,) = await watched.pass_minute()
    assert judgement.total_events == 20


async def test_check_of_a_broken_promise_is_a_warning_though_nothing_burns_any_more() -> None:
    watched = Watched(AVAILABILITY)
    with capture_logs() as lines:
        async with watched.running():
            watched.count(1000, errors=2)
            watched.close()
            watched.close(minutes=400)
            watched.count(100)
            await watched.pass_minute()
    (check,) = [line for line in lines if line["event"] == "SLO check"]
    assert (check["log_level"], check["rules"], check["verdict"]) == ("warning", [], "violated")
