"""The minute at which each rule fires and clears, for incidents whose answers were worked out by hand."""

from collections.abc import Sequence

import pytest

from tests.slo.replay import DAY, Spans, Traffic, objective, spans

WINDOWS = ("1h/5m", "6h/30m", "24h/2h", "3d/6h")
NOTHING: dict[str, Spans] = {window: [] for window in WINDOWS}


def steady(bad: int, total: int, minutes: int) -> list[tuple[int, int]]:
    """The same in each of so many minutes."""
    return [(bad, total)] * minutes


def clean(minutes: int, total: int = 1000) -> list[tuple[int, int]]:
    return steady(0, total, minutes)


def sparse(every: int, minutes: int) -> list[tuple[int, int]]:
    """One request every so many minutes, from minute 0 on; the first fails."""
    return [(int(minute == 0), int(minute % every == 0)) for minute in range(minutes)]


TAIL = DAY
"""Clean minutes after an incident: longer than any short window."""


def outages_every_ten_minutes() -> list[tuple[int, int]]:
    return [(1000 * (minute % 10 == 0 and minute <= 110), 1000) for minute in range(120)]


def ramp() -> list[tuple[int, int]]:
    return [(10 * percent, 1000) for percent in range(1, 21)]


J: dict[str, tuple[float, Traffic, Sequence[Spans]]] = {
    "J1-total-for-10-min": (
        0.999, steady(1000, 1000, 10), ([(1, 15)], [(3, 40)], [(5, 130)], [(5, 370)])),
    "J2-total-for-1-min": (0.999, steady(1000, 1000, 1), ([(1, 6)], [], [], [])),
    "J3-half-for-1-min": (0.999, steady(500, 1000, 1), ([], [], [], [])),
    "J4-15-percent-for-10-min": (0.999, steady(150, 1000, 10), ([(6, 15)], [], [], [])),
    "J5-2-percent-for-6-h": (
        0.999, steady(20, 1000, 360), ([(44, 362)], [(109, 381)], [(217, 462)], [(217, 702)])),
    "J6-0.7-percent-for-12-h": (
        0.999, steady(7, 1000, 720), ([], [(309, 725)], [(618, 789)], [(618, 1029)])),
    "J11-total-every-ten-minutes": (
        0.999,
        outages_every_ten_minutes(),
        ([(10 * n + 1, 10 * n + 6) for n in range(12)], [(21, 141)], [(41, 231)], [(41, 471)]),
    ),
    "J12-total-for-30-min-at-99-percent": (
        0.99, steady(1000, 1000, 30), ([(9, 35)], [(22, 59)], [], [])),
    "J13-total-for-60-min-at-95-percent": (0.95, steady(1000, 1000, 60), ([(44, 62)], [], [], [])),
    "J22-ramp-to-20-percent": (0.999, ramp(), ([(13, 25)], [], [], [])),
}  # fmt: skip


@pytest.mark.parametrize(
    ("target", "incident", "expected"), [pytest.param(*case, id=name) for name, case in J.items()]
)
def test_rules_fire_and_clear_at_the_minute(
    target: float, incident: Traffic, expected: Sequence[Spans]
) -> None:
    found = spans(objective(target), [*incident, *clean(TAIL)])
    assert found == dict(zip(WINDOWS, expected, strict=True))


def test_steady_burn_a_little_above_one_is_a_ticket_on_the_third_day() -> None:
    """J7."""
    found = spans(objective(), [*steady(12, 10_000, 3 * DAY), *clean(TAIL, 10_000)], before=10_000)
    assert found == {"1h/5m": [], "6h/30m": [], "24h/2h": [], "3d/6h": [(3601, 4380)]}


def test_burn_of_exactly_one_is_not_above_one() -> None:
    """J8: the budget ends with the window, as promised; a build that compares with >= fires here."""
    found = spans(objective(), [*steady(1, 1000, 3 * DAY), *clean(TAIL)])
    assert found == NOTHING


def test_burn_of_exactly_the_factor_does_not_page() -> None:
    """J9: 1.44 % is 14.4 times the budget exactly, which no float comparison could be trusted with."""
    found = spans(objective(), [*steady(144, 10_000, 180), *clean(TAIL, 10_000)], before=10_000)
    assert found == {"1h/5m": [], "6h/30m": [(151, 198)], "24h/2h": [], "3d/6h": []}


def test_one_event_in_ten_thousand_above_the_factor_pages() -> None:
    """J10."""
    found = spans(objective(), [*steady(145, 10_000, 180), *clean(TAIL, 10_000)], before=10_000)
    assert found == {"1h/5m": [(60, 181)], "6h/30m": [(149, 198)], "24h/2h": [], "3d/6h": []}


def test_objective_of_ninety_percent_has_no_page_that_could_fire() -> None:
    """J14: a total outage burns at 10, so the rule at 14.4 is not there, and the others stay quiet."""
    found = spans(objective(0.9), [*steady(1000, 1000, 120), *clean(TAIL)])
    assert found == {"6h/30m": [], "24h/2h": [], "3d/6h": []}


def test_first_failure_of_a_quiet_service_trips_every_rule() -> None:
    """J15: ten requests an hour; what the workbook warns of, and what a guard will have to stop."""
    found = spans(objective(), sparse(6, DAY), before=0)
    assert found == {"1h/5m": [(1, 6)], "6h/30m": [(1, 31)], "24h/2h": [(1, 121)], "3d/6h": [(1, 361)]}


def test_one_failure_at_a_request_a_minute_pages_for_five_minutes() -> None:
    """J16."""
    found = spans(objective(), sparse(1, DAY), before=1)
    assert found == {"1h/5m": [(1, 6)], "6h/30m": [], "24h/2h": [], "3d/6h": []}


def test_one_failure_among_twenty_requests_a_minute_is_nothing() -> None:
    """J17."""
    found = spans(objective(), [(1, 20), *clean(DAY, 20)], before=20)
    assert found == NOTHING


def test_growing_traffic_weighs_more_than_the_quiet_days_before() -> None:
    """J18: windows weigh events, not minutes."""
    found = spans(objective(), [*steady(10, 1000, 60), *clean(TAIL)], before=10)
    assert found == {"1h/5m": [], "6h/30m": [(6, 72)], "24h/2h": [(7, 144)], "3d/6h": [(5, 384)]}


@pytest.mark.parametrize(
    ("incident", "expected"),
    [
        pytest.param(
            steady(15, 1000, 10), ([(1, 11)], [(1, 25)], [(1, 50)], [(1, 150)]), id="J19-1.5-percent-10-min"
        ),
        pytest.param(steady(10, 1000, 2), ([], [(1, 4)], [(1, 7)], [(1, 20)]), id="J20-1-percent-2-min"),
    ],
)
def test_node_without_history_judges_what_it_has(incident: Traffic, expected: Sequence[Spans]) -> None:
    """The cold start is the rules' own: a short life is judged as if it were the whole window."""
    found = spans(objective(), [*incident, *clean(TAIL)], history=0)
    assert found == dict(zip(WINDOWS, expected, strict=True))


@pytest.mark.parametrize(
    ("days", "fires"), [pytest.param(28, 17, id="28-days"), pytest.param(30, 18, id="30-days")]
)
def test_shorter_window_has_smaller_factors_and_fires_sooner(days: int, fires: int) -> None:
    """J21."""
    found = spans(objective(days=days), [*steady(50, 1000, 20), *clean(TAIL)])
    assert found["1h/5m"] == [(fires, 24)]
