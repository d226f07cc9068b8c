"""Which minutes are planned to go wrong, and what their events count for."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from actors.config.recurrence import Once, Recurrence
    from actors.config.settings import MaintenanceSettings, Treatment
    from actors.slo.grouping import Group
    from actors.slo.objective import Objective

Span: TypeAlias = tuple[int, int]
"""First minute, and the one after the last, in minutes since 1970."""

_NEVER: Final = (1 << 62, 1 << 62)


@dataclass(frozen=True, slots=True)
class Window:
    """Time that is planned, for some objectives.

    Attributes:
        name: For people.
        when: Once, or again and again.
        slos: Names of the objectives it is for; empty is for all.
        match: Labels that an objective, or the group of it, must have.
        treat: Whether its events leave the total, or its bad ones count as good.
    """

    name: str
    when: "Once | Recurrence"
    slos: tuple[str, ...] = ()
    match: "Mapping[str, str]" = field(default_factory=dict)
    treat: "Treatment" = "remove"

    def is_for(self, slo: str, labels: "Mapping[str, str]") -> bool:
        """Whether it holds for an objective, or for one group of it.

        Args:
            slo: Name of the objective.
            labels: What the objective matches, and the values of the group.
        """
        if self.slos and slo not in self.slos:
            return False
        return all(labels.get(name) == value for name, value in self.match.items())

    def next_after(self, minute: int) -> Span | None:
        """The span that holds a minute, or else the next one; None if none is left."""
        return next(self.when.spans(minute), None)


class Maintenance:
    """All windows, asked minute by minute; asking costs nothing until the next one begins or ends.

    Args:
        windows: In any order.
    """

    __slots__ = ("_active", "_valid", "windows")

    def __init__(self, windows: "Iterable[Window]" = ()) -> None:
        self.windows = tuple(windows)
        self._active: tuple[Window, ...] = ()
        self._valid: Span = (0, 0)

    def replace(self, windows: "Iterable[Window]") -> None:
        """Go on with other windows; what was said of minutes before is not taken back."""
        self.windows, self._valid = tuple(windows), (0, 0)

    def active(self, minute: int) -> tuple[Window, ...]:
        """The windows that hold a minute."""
        if not self._valid[0] <= minute < self._valid[1]:
            spans = [(window, window.next_after(minute) or _NEVER) for window in self.windows]
            self._active = tuple(window for window, (start, _) in spans if start <= minute)
            changes = (end if start <= minute else start for _, (start, end) in spans)
            self._valid = minute, min(changes, default=_NEVER[1])
        return self._active

    def in_force(self, slo: str, labels: "Mapping[str, str]", minute: int) -> "Treatment | None":
        """What becomes of the events of one minute of an objective, or of one group of it.

        Of two windows the one that removes has precedence: it claims less.

        Args:
            slo: Name of the objective.
            labels: What the objective matches, and the values of the group.
            minute: Since 1970.

        Returns:
            None where nothing is planned.
        """
        found = {window.treat for window in self.active(minute) if window.is_for(slo, labels)}
        return "remove" if "remove" in found else next(iter(found), None)

    def for_group(self, objective: "Objective", group: "Group", minute: int) -> "Treatment | None":
        """The same, asked as an evaluator does."""
        if not self.active(minute):
            return None
        return self.in_force(objective.name, {**objective.match, **dict(group)}, minute)


def windows_of(settings: "Iterable[MaintenanceSettings]") -> tuple[Window, ...]:
    """The windows that settings describe."""
    return tuple(Window(one.name, one.when, one.slos, one.match, one.treat) for one in settings)


def treated(good: int, total: int, treatment: "Treatment | None") -> tuple[int, int]:
    """What good and total events of one minute count as."""
    match treatment:
        case None:
            return good, total
        case "remove":
            return 0, 0
        case "good":
            return total, total
