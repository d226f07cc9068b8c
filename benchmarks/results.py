"""What came of a run: every figure that was taken, their medians, and who is best at what."""

import statistics
from typing import TYPE_CHECKING

from benchmarks.measuring import Figure
from benchmarks.scenarios import CAST, FAN_IN, FAN_IN_SHARE, MEASURES

if TYPE_CHECKING:
    from collections.abc import Sequence

    from benchmarks.contenders import Contender, Outcome
    from benchmarks.scenarios import Measure, Scenario


class Results:
    """The figures of one run.

    Attributes:
        contenders: Who took part, in the order of the tables; ours is the first.
        versions: Of those who took part.
        remarks: What was left out and why, a sentence each.
    """

    def __init__(self, contenders: "Sequence[Contender]") -> None:
        self.contenders = tuple(contenders)
        self.versions: dict[str, str] = {}
        self.remarks: list[str] = []
        self._taken: dict[tuple[str, str], list[float]] = {}
        self._given_up: set[tuple[str, str]] = set()

    @property
    def ours(self) -> "Contender":
        """The one that all others are compared with."""
        return self.contenders[0]

    @property
    def measures(self) -> "tuple[Measure, ...]":
        """Those of which there is any figure."""
        return tuple(
            one for one in MEASURES if any(self.value(who, one) is not None for who in self.contenders)
        )

    def wants(self, contender: "Contender", scenario: "Scenario") -> bool:
        """Whether there is a point in having a contender do a scenario again: it can, and did not fail."""
        return (contender.name, scenario.name) not in self._given_up

    def add(self, contender: "Contender", scenario: "Scenario", outcome: "Outcome") -> None:
        """Put on record what a contender made of a scenario."""
        if outcome.version is not None:
            self.versions[contender.name] = outcome.version
        for measure in scenario.measures:
            if measure.name in outcome.figures:
                taken = self._taken.setdefault((contender.name, measure.name), [])
                taken.append(outcome.figures[measure.name])
        if not outcome.figures:
            self._given_up.add((contender.name, scenario.name))
        if outcome.problem is not None:
            self.remarks.append(f"{contender.name} left out of {scenario.name}: {outcome.problem}")

    def value(self, contender: "Contender", measure: "Measure") -> float | None:
        """The median of a contender's figures; None if it has none."""
        if measure is FAN_IN_SHARE:
            many, one = self.value(contender, FAN_IN), self.value(contender, CAST)
            return None if many is None or one is None else many / one * 100
        taken = self._taken.get((contender.name, measure.name))
        return None if taken is None else statistics.median(taken)

    def best_peer(self, measure: "Measure") -> "tuple[Contender, float] | None":
        """Who of the peers is best, and its figure; a yardstick is no peer, a share of one's own no race."""
        if measure is FAN_IN_SHARE:
            return None
        found = [
            (peer, value)
            for peer in self.contenders[1:]
            if not peer.is_yardstick and (value := self.value(peer, measure)) is not None
        ]
        choose = max if measure.better == "more" else min
        return choose(found, key=lambda one: one[1], default=None)

    def lead(self, measure: "Measure", theirs: float) -> float | None:
        """How many times ours is better; None if ours has no such figure."""
        ours = self.value(self.ours, measure)
        return None if ours is None else measure.lead(ours, theirs)

    def figures(self) -> list[Figure]:
        """All medians, ours first under each name."""
        return [
            Figure(
                measure.name,
                value,
                measure.unit,
                peer=None if who is self.ours else who.name,
                ratio=None if who is self.ours else self.lead(measure, value),
            )
            for measure in self.measures
            for who in self.contenders
            if (value := self.value(who, measure)) is not None
        ]
