"""The tables of a run, for a terminal and for `RESULTS.md`."""

import os
import platform
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from rich.table import Table

if TYPE_CHECKING:
    from benchmarks.results import Results
    from benchmarks.scenarios import Measure

RESULTS: Final = Path(__file__).with_name("RESULTS.md")
BEGIN: Final = "<!-- written by `python -m benchmarks.runtime --write` -->"
END: Final = "<!-- end of what it wrote -->"


@dataclass(frozen=True, slots=True)
class Grid:
    """One table: the first column is text, the others are figures."""

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]

    def as_rich(self) -> Table:
        """For a terminal."""
        table = Table(title=self.title)
        for position, column in enumerate(self.columns):
            table.add_column(column, justify="right" if position else "left")
        for row in self.rows:
            table.add_row(*row)
        return table

    def as_markdown(self) -> str:
        """For a page."""
        rule = "|---|" + "---:|" * (len(self.columns) - 1)
        lines = (f"| {' | '.join(row)} |" for row in self.rows)
        return "\n".join((f"| {' | '.join(self.columns)} |", rule, *lines))


def goals(results: "Results") -> Grid:
    """Ours beside what it is to reach, the yardsticks and the best of the peers."""
    yardsticks = tuple(who for who in results.contenders if who.is_yardstick)
    rows = []
    for measure in results.measures:
        ours, best = results.value(results.ours, measure), results.best_peer(measure)
        rows.append(
            (
                measure.what,
                "" if measure.goal is None else _written(measure, measure.goal),
                _written(measure, ours),
                {True: "yes", False: "no", None: ""}[None if ours is None else measure.holds(ours)],
                *(_written(measure, results.value(who, measure)) for who in yardsticks),
                "" if best is None else f"{best[0].name}, {_written(measure, best[1])}",
                "" if best is None else _times(results.lead(measure, best[1])),
            )
        )
    columns = ("what", "goal", "ours", "holds", *(who.name for who in yardsticks), "best peer", "ours ahead")
    return Grid("The runtime, its goals and its yardsticks (medians)", columns, tuple(rows))


def everybody(results: "Results") -> Grid:
    """Every contender's figure, a column a scenario would be too wide, so a column a contender."""
    rows = tuple(
        (
            f"{measure.name}, {measure.unit}",
            *(_bare(results.value(who, measure)) for who in results.contenders),
        )
        for measure in results.measures
    )
    return Grid("Everybody (medians)", ("what", *(who.name for who in results.contenders)), rows)


def write(results: "Results", repeats: int) -> None:
    """Put the tables into `RESULTS.md`, in place of those of the run before."""
    page = RESULTS.read_text(encoding="utf-8")
    before, _, rest = page.partition(BEGIN)
    _, _, after = rest.partition(END)
    RESULTS.write_text(
        f"{before.rstrip()}\n\n{section(results, repeats)}{after or chr(10)}", encoding="utf-8"
    )


def section(results: "Results", repeats: int) -> str:
    """What `RESULTS.md` has about the runtime: how it was measured, and the tables."""
    versions = ", ".join(f"{name} {version}" for name, version in results.versions.items())
    told = (
        f"Medians of {repeats} repetitions of `python -m benchmarks.runtime` on {_machine()}, CPython "
        f"{platform.python_version()}, at commit {_commit()}; each scenario in a fresh process on one core, "
        f"the contenders in another order every time. {versions}."
    )
    remarks = "\n".join(f"- {remark}" for remark in results.remarks)
    parts = (
        BEGIN,
        "## The runtime",
        told,
        goals(results).as_markdown(),
        everybody(results).as_markdown(),
        remarks,
    )
    return "\n\n".join(part for part in (*parts, END) if part)


def _machine() -> str:
    return f"a machine with {os.cpu_count()} cores ({platform.machine()}, {platform.system()})"


def _commit() -> str:
    asked = ["git", "rev-parse", "--short", "HEAD"]
    told = subprocess.run(asked, cwd=RESULTS.parent, capture_output=True, text=True, check=False)
    return told.stdout.strip() or "unknown"


def _written(measure: "Measure", value: float | None) -> str:
    return "" if value is None else f"{_bare(value)} {measure.unit}".replace(" /s", "/s")


def _bare(value: float | None) -> str:
    if value is None:
        return "–"
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"


def _times(lead: float | None) -> str:
    return "" if lead is None else f"{lead:.1f} ×"
