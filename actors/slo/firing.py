"""Which rules fire, which groups are blind, and what of that somebody is told."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

from actors.slo.evaluated import BLIND, Condition, Kind
from actors.slo.judge import RuleState
from actors.slo.rule_cells import FALSE, TRUE, UNMEASURED
from actors.slo.rule_lives import NEVER, RuleLives

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from actors.slo.columns import Key
    from actors.slo.rule import Severity
    from actors.slo.rule_cells import RuleCells

STILL_TOLD: Final = 1440
"""Minutes for which it is still said of what has fired that it does so no longer."""


class Changed(NamedTuple):
    """A rule of a column began to fire, or resolved."""

    column: int
    rule: str
    severity: "Severity"
    kind: Kind
    is_muted: bool


class Firing:
    """What fires.

    A page mutes the ticket of its column: a ticket that begins while one fires is told when that is over.

    Args:
        cells: The rules of all columns.

    Attributes:
        cells: As arranged now.
        rules: The lives of the cells.
        blind: The same of each column's being blind.
        is_told: Columns whose ticket somebody has been told of.
    """

    def __init__(self, cells: "RuleCells") -> None:
        self.cells = cells
        self.rules, self.blind = RuleLives(), RuleLives()
        self.is_told: NDArray[np.bool_] = np.zeros(0, np.bool_)

    def arrange(
        self, cells: "RuleCells", before: "NDArray[np.int64]", first_before: "NDArray[np.int64]"
    ) -> None:
        """Go over to other columns.

        Args:
            cells: Their rules.
            before: For each column where it stood, -1 where it is new.
            first_before: The first cell of each column then.
        """
        self.rules.arrange(cells.before(before, first_before))
        self.blind.arrange(before)
        is_told = np.zeros(len(before), np.bool_)
        is_told[before != NEVER] = self.is_told[before[before != NEVER]]
        self.cells, self.is_told = cells, is_told

    def step(
        self,
        states: "NDArray[np.int8]",
        is_blind: "NDArray[np.bool_]",
        now: int,
        hold: "NDArray[np.int64]",
    ) -> Iterator[Changed]:
        """Take in what is true after a minute, and tell what has changed by it.

        Args:
            states: Of each rule.
            is_blind: Of each column.
            now: The end of the minute.
            hold: Minutes for which what fires in a column must be false before it resolves.
        """
        cells, was_told = self.cells, self.is_told
        fired, resolved = self.rules.step(states, now, hold[cells.column])
        self.is_told = self.has_firing(~cells.is_page) & (was_told | ~self.is_paged())
        changed: tuple[tuple[Kind, NDArray[np.int64], NDArray[np.bool_]], ...] = (
            ("fired", fired, self.is_told),
            ("resolved", resolved, was_told),
        )
        for kind, which, is_told in changed:
            for cell in which.tolist():
                column, rule = int(cells.column[cell]), cells.rules[cell]
                is_muted = rule.severity == "ticket" and not is_told[column]
                yield Changed(column, rule.name, rule.severity, kind, is_muted)
        fired, resolved = self.blind.step(np.where(is_blind, TRUE, FALSE).astype(np.int8), now, hold)
        yield from (Changed(column, BLIND, "ticket", "fired", False) for column in fired.tolist())
        yield from (Changed(column, BLIND, "ticket", "resolved", False) for column in resolved.tolist())

    # --- asking -------------------------------------------------------------------------------------------

    def has_firing(self, which: "NDArray[np.bool_] | None" = None) -> "NDArray[np.bool_]":
        """Columns of which any rule fires, or any of these."""
        is_firing = self.rules.is_firing
        return self._columns(is_firing if which is None else is_firing & which)

    def is_paged(self) -> "NDArray[np.bool_]":
        """Columns of which a page fires."""
        return self.has_firing(self.cells.is_page)

    def _columns(self, cells: "NDArray[np.bool_]") -> "NDArray[np.bool_]":
        found = np.zeros(len(self.is_told), np.bool_)
        found[self.cells.column[cells]] = True
        return found

    def conditions(self, keys: "Sequence[Key]", minute: int) -> list[Condition]:
        """How the alerts stand after a minute: those that fire, and those that did within the last day."""
        is_recent = self.rules.resolved >= minute + 1 - STILL_TOLD
        is_page = self.cells.is_page
        told: tuple[tuple[Severity, bool, NDArray[np.bool_], NDArray[np.bool_]], ...] = (
            ("page", False, self.is_paged(), self._columns(is_recent & is_page)),
            ("ticket", False, self.is_told, self._columns(is_recent & ~is_page)),
            ("ticket", True, self.blind.is_firing, self.blind.resolved >= minute + 1 - STILL_TOLD),
        )
        return [
            Condition(*keys[column], severity, is_blind, bool(is_active[column]))
            for severity, is_blind, is_active, was_active in told
            for column in np.flatnonzero(is_active | was_active).tolist()
        ]

    def rule_states(self, column: int, states: "NDArray[np.int8]") -> list[RuleState]:
        """How each rule of a column stands, for people."""
        first, is_firing = self.cells.first, self.rules.is_firing
        end = int(first[column + 1]) if column + 1 < len(first) else len(self.cells)
        is_muted = bool(self.is_paged()[column] and not self.is_told[column])
        return [
            RuleState(
                rule=self.cells.rules[cell],
                is_true={TRUE: True, FALSE: False, UNMEASURED: None}[int(states[cell])],
                fired_at=int(self.rules.fired[cell]) if is_firing[cell] else None,
                is_muted=bool(is_muted and is_firing[cell] and not self.cells.is_page[cell]),
            )
            for cell in range(int(first[column]), end)
        ]

    def blind_since(self, column: int) -> int | None:
        """The minute at whose beginning a column became blind, while it is."""
        return int(self.blind.fired[column]) if self.blind.is_firing[column] else None
