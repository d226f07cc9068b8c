"""Makes the pictures of the README: what `check` and `replay` show, of traffic that is made here.

python docs/pictures.py [FOLDER]
"""

import sys
from io import StringIO
from math import sin
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, Final

from rich.console import Console

from actors.cli.checked import show
from actors.cli.rule_table import rows_of, rule_table
from actors.config import load_settings
from actors.recording import SeriesKey
from actors.replay import Case, Replayed, replay
from actors.replay.plot import plot
from actors.replay.traffic import Collected
from actors.slo import objective_from

if TYPE_CHECKING:
    from collections.abc import Sequence

    from actors.slo import Objective

CONFIG: Final = Path(__file__).parent.parent / "config.toml"
BEGIN: Final = 29_635_200
"""A midnight."""
DAYS: Final = 7
INCIDENTS: Final = ((2 * 1440 + 600, 20, 0.1), (4 * 1440 + 200, 240, 0.012), (5 * 1440 + 900, 3, 0.9))
"""From which minute, for how many, and which share of requests failed."""
SECRETS: Final = {"PAGERDUTY_ROUTING_KEY": "none", "SLACK_WEBHOOK_URL": "https://example.com/none"}


def traffic(days: int = DAYS) -> Collected:
    """A week with a rhythm of days, and three incidents."""
    dice, found = Random(7), Collected([])
    for minute in range(days * 1440):
        total = round(600 + 400 * sin(minute / 1440 * 6.2832)) + dice.randrange(40)
        share = next((each for start, length, each in INCIDENTS if start <= minute < start + length), 0.0002)
        bad = (
            min(total, round(total * share + dice.random() - 0.5)) if share > 0.001 else dice.random() < 0.15
        )
        found.add(BEGIN + minute, SeriesKey("fraud-detection-xgb", "2.1.0"), [total, bad])
    return found


def objectives() -> "tuple[Objective, ...]":
    """The first availability objective of the shipped configuration."""
    settings = load_settings(CONFIG, SECRETS)
    return (next(objective_from(one) for one in settings.slos if one.sli == "availability"),)


def replayed(days: int = DAYS) -> Replayed:
    """That week through the evaluator."""
    (found,) = replay(traffic(days), [Case("a week", objectives())], curve_points=600)
    return found


def draw(folder: Path, days: int = DAYS) -> "Sequence[Path]":
    """Write both pictures."""
    folder.mkdir(parents=True, exist_ok=True)
    check, week = folder / "check.svg", folder / "replay.png"
    console = Console(record=True, width=120, file=StringIO())
    settings = load_settings(CONFIG, SECRETS)
    promises = [objective_from(one) for one in settings.slos]
    show(settings, console, rule_table(rows_of(promises, {})))
    console.save_svg(str(check), title="slokeeper check")
    plot(replayed(days), week)
    return check, week


if __name__ == "__main__":
    for one in draw(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent / "pictures"):
        print(one)
