"""Prometheus' and VictoriaMetrics' own programs take what is exported, and it does what the formulas say."""

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from actors.config import load_settings
from actors.export import as_file, export
from tests.export.objectives import KINDS
from tests.real.promtool import installed, succeeds

if TYPE_CHECKING:
    from actors.config import ObjectiveSettings

pytestmark = [pytest.mark.real, pytest.mark.timeout(180)]

SHIPPED = [Path("config.toml"), Path("examples/node.toml")]


def shipped() -> "list[ObjectiveSettings]":
    """Those of all configurations that come with the project."""
    return [one for path in SHIPPED for one in load_settings(path, {}).slos]


@pytest.mark.parametrize("objective", [*KINDS, *shipped()], ids=lambda one: one.name)
def test_each_rule_fires_and_resolves_when_the_formulas_say(
    objective: "ObjectiveSettings", tmp_path: Path
) -> None:
    """Prometheus' own engine evaluates the rules through a total outage."""
    (one,) = export([objective], "fraud")
    (tmp_path / one.file).write_text(as_file([one], "fraud", "prometheus"))
    (tmp_path / one.test_file).write_text(one.tests())
    succeeds(tmp_path, "promtool", "check", "rules", one.file)
    succeeds(tmp_path, "promtool", "test", "rules", one.test_file)


def test_a_file_with_wrong_minutes_is_refused(tmp_path: Path) -> None:
    """The tests that are generated can fail."""
    (one,) = export([KINDS[0]], "fraud")
    rules = as_file([one], "fraud", "prometheus")
    (tmp_path / one.file).write_text(rules.replace("[5m30s]", "[6m30s]"))
    (tmp_path / one.test_file).write_text(one.tests())
    with pytest.raises(AssertionError, match="FAILED"):
        succeeds(tmp_path, "promtool", "test", "rules", one.test_file)


def test_all_objectives_are_good_in_one_file(tmp_path: Path) -> None:
    (tmp_path / "all.yml").write_text(as_file(export(KINDS, "fraud"), "fraud", "prometheus"))
    succeeds(tmp_path, "promtool", "check", "rules", "all.yml")


def test_vmalert_takes_every_rule(tmp_path: Path) -> None:
    for one in export(KINDS, "fraud"):
        (tmp_path / one.file).write_text(as_file([one], "fraud", "prometheus"))
    succeeds(tmp_path, installed("vmalert"), "-dryRun", "-rule=*.yml")


def test_vmalert_refuses_what_is_no_rule(tmp_path: Path) -> None:
    """What it takes has been looked at."""
    (one,) = export([KINDS[0]], "fraud")
    text = as_file([one], "fraud", "prometheus").replace("sum_over_time(", "sum_over_time((", 1)
    (tmp_path / one.file).write_text(text)
    with pytest.raises(AssertionError):
        succeeds(tmp_path, installed("vmalert"), "-dryRun", "-rule=*.yml")
