"""Thirty days of traffic, minute by minute: which rules fire, when they clear, who is woken, what is left.

The expected minutes were worked out by hand; the incidents begin at any minute of the hour.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

import pytest

from actors.config.settings import ObjectiveSettings
from tests.slo.month import Span, World, run

pytestmark = pytest.mark.timeout(300)  # 43,200 minutes, each of them closed and judged

DAY = 1440
MONTH = 30 * DAY
USUAL = 200
"""Predictions a minute."""
HOLD = 5
"""Minutes for which no rule may be true before an alert resolves."""


@dataclass(frozen=True)
class Incident:
    """What happens, and what must come of it; all times in minutes since it began.

    Attributes:
        start: Minute of the month.
        bad: Bad events of each of its minutes.
        total: Events of each of its minutes, and of the clean ones around it.
        clean: How many minutes before and after it have as many.
        rules: When each rule is true.
        alerts: When each severity's alert fires and resolves; a ticket that comes while a page fires is
            told of when that is over.
    """

    start: int
    bad: tuple[int, ...]
    rules: Mapping[str, list[tuple[int, int]]]
    alerts: Mapping[str, list[tuple[int, int]]]
    total: int = USUAL
    clean: tuple[int, int] = (0, 0)

    def at(self, spans: list[tuple[int, int]]) -> list[Span]:
        """In minutes of the month."""
        return [(self.start + begin, self.start + end) for begin, end in spans]


INCIDENTS = {
    "J1-total-for-10-min": Incident(
        start=3 * DAY + 16,
        bad=(200,) * 10,
        rules={"1h/5m": [(1, 15)], "6h/30m": [(3, 40)], "24h/2h": [(5, 130)], "3d/6h": [(5, 370)]},
        alerts={"page": [(1, 40 + HOLD)], "ticket": [(40 + HOLD, 370 + HOLD)]},
    ),
    "J5-2-percent-for-6-h": Incident(
        start=7 * DAY + 27,
        bad=(4,) * 360,
        rules={"1h/5m": [(44, 362)], "6h/30m": [(109, 381)], "24h/2h": [(217, 462)], "3d/6h": [(217, 702)]},
        alerts={"page": [(44, 381 + HOLD)], "ticket": [(381 + HOLD, 702 + HOLD)]},
    ),
    "J6-0.7-percent-for-12-h": Incident(
        start=11 * DAY + 38,
        bad=(7,) * 720,
        total=1000,
        clean=(3 * DAY, 400),
        rules={"6h/30m": [(309, 725)], "24h/2h": [(618, 789)], "3d/6h": [(618, 1029)]},
        alerts={"page": [(309, 725 + HOLD)], "ticket": [(725 + HOLD, 1029 + HOLD)]},
    ),
    "J7-burn-of-1.2-for-3-days": Incident(
        start=15 * DAY + 50,
        bad=(3,) * (3 * DAY),
        total=2500,
        clean=(DAY, 100),
        rules={"3d/6h": [(3601, 4380)]},
        alerts={"ticket": [(3601, 4380 + HOLD)]},
    ),
    "J4-15-percent-for-10-min": Incident(
        start=23 * DAY + 4,
        bad=(30,) * 10,
        rules={"1h/5m": [(6, 15)]},
        alerts={"page": [(6, 15 + HOLD)]},
    ),
    # Twelve times the fast rule fires and clears; the hold makes one page of it.
    "J11-total-every-ten-minutes": Incident(
        start=28 * DAY + 1,
        bad=tuple(200 * (minute % 10 == 0) for minute in range(111)),
        rules={
            "1h/5m": [(10 * n + 1, 10 * n + 6) for n in range(12)],
            "6h/30m": [(21, 141)],
            "24h/2h": [(41, 231)],
            "3d/6h": [(41, 471)],
        },
        alerts={"page": [(1, 141 + HOLD)], "ticket": [(141 + HOLD, 471 + HOLD)]},
    ),
}

SETTINGS = ObjectiveSettings(
    name="fraud-availability", sli="availability", match={"model": "fraud"}, resolve_hold=HOLD * 60.0
)


def _traffic() -> dict[int, tuple[int, int]]:
    """(bad, total) of each minute that is not as usual."""
    events: dict[int, tuple[int, int]] = {}
    for incident in INCIDENTS.values():
        (before, after), length = incident.clean, len(incident.bad)
        for minute in range(-before, length + after):
            bad = incident.bad[minute] if 0 <= minute < length else 0
            events[incident.start + minute] = (bad, incident.total)
    return events


TRAFFIC = _traffic()


@pytest.fixture(scope="module")
def month() -> World:
    """All of it, once."""
    return run(World(SETTINGS, USUAL), MONTH, TRAFFIC)


def test_every_minute_of_the_month_was_judged(month: World) -> None:
    assert month.judged == MONTH


@pytest.mark.parametrize("windows", ["1h/5m", "6h/30m", "24h/2h", "3d/6h"])
def test_rule_fires_and_clears_at_the_minutes_worked_out_by_hand(month: World, windows: str) -> None:
    """In all of the month, and at no other minute."""
    expected = [
        span for incident in INCIDENTS.values() for span in incident.at(incident.rules.get(windows, []))
    ]
    assert month.rules[windows] == expected


@pytest.mark.parametrize("severity", ["page", "ticket"])
def test_alert_fires_with_its_first_rule_and_resolves_after_the_hold(month: World, severity: str) -> None:
    """Rules that take over from one another are one alert, and so are rules that flap."""
    expected = [
        span for incident in INCIDENTS.values() for span in incident.at(incident.alerts.get(severity, []))
    ]
    assert month.alerts[severity] == expected


def test_budget_at_the_end_is_exact_to_the_event(month: World) -> None:
    judgement = month.judgement
    bad = sum(sum(incident.bad) for incident in INCIDENTS.values())
    total = sum(TRAFFIC.get(minute, (0, USUAL))[1] for minute in range(MONTH))
    assert (judgement.total_events - judgement.good_events, judgement.total_events) == (bad, total)
    assert judgement.budget_left == 1 - Fraction(bad, total) * 1000


def test_slowness_is_a_burn_like_failure() -> None:
    """J12, with a latency objective of 99 %: every answer takes 250 ms for half an hour."""
    start = 3 * DAY + 4
    settings = ObjectiveSettings(
        name="fraud-latency", sli="latency", match={"model": "fraud"}, objective=0.99, threshold=0.1
    )
    slow = {start + minute: (100, 100) for minute in range(30)}
    world = run(World(settings, usual=100), 4 * DAY, slow)
    assert world.rules == {
        "1h/5m": [(start + 9, start + 35)],
        "6h/30m": [(start + 22, start + 59)],
        "24h/2h": [],
        "3d/6h": [],
    }
    assert world.alerts == {"page": [(start + 9, start + 64)], "ticket": []}
