"""What each rule does in a total outage, and what the traffic can do to it."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from rich.console import Group
from rich.table import Table
from rich.text import Text

from actors.cli import traffic
from actors.config import format_duration
from actors.slo.burn_rate import rules_for
from actors.slo.expected import Expected, expected
from actors.slo.reach import bad_events_needed, remark
from actors.slo.rule import window_name
from actors.slo.self_test import SelfTest

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from fractions import Fraction

    from rich.console import RenderableType

    from actors.slo.objective import Objective

_COLOURS = {"page": "bold red", "ticket": "yellow"}


@dataclass(frozen=True, slots=True)
class RuleRow:
    """One rule of one objective.

    Attributes:
        objective: Whose.
        expected: What it does in a total outage.
        per_minute: The traffic it is looked at with; None if there is none to look at.
    """

    objective: "Objective"
    expected: Expected
    per_minute: "Fraction | None" = None

    @property
    def remark(self) -> str | None:
        """A sentence where it is worth one."""
        if self.expected.fires is None:
            most = self.expected.rule.long_window
            return (
                f"{self.expected.rule} can never fire: {window_name(most)} holds {most} minutes, "
                f"and min_bad_events is {self.objective.min_bad_events}"
            )
        if self.per_minute is None:
            return None
        return remark(self.expected.rule, self.objective, self.per_minute)

    @property
    def bad_events_needed(self) -> int | None:
        """How many bad events in the long window trip it with that traffic; None where that is not known."""
        if self.per_minute is None:
            return None
        return bad_events_needed(self.expected.rule, self.objective, self.per_minute)


def rows_of(objectives: "Sequence[Objective]", per_minute: "Mapping[str, Fraction]") -> list[RuleRow]:
    """Every rule that is evaluated.

    Args:
        objectives: In order.
        per_minute: Traffic by name, as far as it is known.
    """
    return [
        RuleRow(one, each, per_minute.get(one.name))
        for one in objectives
        for each in expected(rules_for(one).kept, one)
    ]


def wrongs_of(objectives: "Sequence[Objective]") -> list[str]:
    """A line for each rule whose shadow did something else than the formulas say: a fault of ours."""
    return [
        f"slo.{name}: self-test failed, which is a fault of slokeeper and not of the file: {one}"
        for name, found in SelfTest(objectives).run().items()
        for one in found
        if not one.is_right
    ]


def rule_table(rows: "Sequence[RuleRow]") -> "RenderableType":
    """A row for each rule, and below the table a line on each that is worth one."""
    if not rows:
        return Text("no rules: nobody is told of anything", "yellow")
    table = Table(title="in a total outage", title_justify="left")
    table.add_column("objective", overflow="fold")
    table.add_column("rule")
    table.add_column("severity")
    for heading in ("burn rate", "budget spent", "fires after", "resolves after"):
        table.add_column(heading, justify="right")
    above = ""
    for row in rows:
        name, one = row.objective.name, row.expected
        if above and name != above:
            table.add_section()
        table.add_row(
            Text(name if name != above else ""),
            one.rule.name,
            Text(one.rule.severity, _COLOURS[one.rule.severity]),
            f"{float(one.rule.burn_rate):.4g}",
            f"{float(one.spent * 100):.3g}%",
            _minutes(one.fires),
            _minutes(one.resolves),
        )
        above = name
    return Group(table, *_remarks(rows))


def _remarks(rows: "Sequence[RuleRow]") -> list[Text]:
    found = []
    for row in rows:
        if row.remark is not None:
            at = "" if row.per_minute is None else f" at {traffic.said(row.per_minute)}"
            found.append(Text(f"{row.objective.name}{at}: {row.remark}", "yellow"))
    return found


def _minutes(minutes: int | None) -> Text:
    if minutes is None:
        return Text("never", "bold red")
    return Text(format_duration(minutes * 60.0))


def plain(row: RuleRow) -> dict[str, object]:
    """The same for programs; times in seconds."""
    one = row.expected
    return {
        "slo": row.objective.name,
        "rule": one.rule.name,
        "severity": one.rule.severity,
        "burn_rate": float(one.rule.burn_rate),
        "budget_spent": float(one.spent),
        "fires_after": None if one.fires is None else one.fires * 60,
        "resolves_after": None if one.resolves is None else one.resolves * 60,
        "predictions_per_hour": None if row.per_minute is None else float(row.per_minute * 60),
        "bad_events_needed": row.bad_events_needed,
        "remark": row.remark,
    }
