"""Whatever drains, is killed, trims, forgets and closes minutes, each prediction is counted once."""

import gc
from collections import Counter
from typing import TYPE_CHECKING

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from actors.recording import Recordings, SeriesKey, Tables

if TYPE_CHECKING:
    from collections.abc import Iterator

    from actors.recording import Model

SERIES = st.sampled_from(["a", "b", "c"])
KINDS = ("ok", "errors", "cancelled", "invalid")
NUMBERS = st.sampled_from([1, 100, 5_000, 15_000])


class AllShown(Tables):
    """Tables that show the totals of a series for ever, so that they can be added up at the end."""

    def retire(self, key: SeriesKey) -> None:
        """Keep it."""


class Counting(RuleBasedStateMachine):
    """Callers, and any number of drains under way at once, each of which may be killed between two steps."""

    def __init__(self) -> None:
        super().__init__()
        self.recordings = Recordings(AllShown([0.1]))
        self.handles: dict[str, Model] = {}
        self.drains: list[Iterator[None]] = []
        self.predicted: Counter[tuple[str, str]] = Counter()
        self.dropped = 0
        self.minute = 29_000_000

    @rule(series=SERIES, kind=st.sampled_from(KINDS), number=NUMBERS)
    def predict(self, series: str, kind: str, number: int) -> None:
        if series not in self.handles:
            self.handles[series] = self.recordings.model(series)
        getattr(self.handles[series].buffers, kind).extend([0.05] * number)
        self.predicted[series, kind] += number

    @rule(series=SERIES)
    def drop_the_handle(self, series: str) -> None:
        self.handles.pop(series, None)
        gc.collect()

    @rule()
    def begin_a_drain(self) -> None:
        self.drains.append(self.recordings._steps())

    @precondition(lambda self: self.drains)
    @rule(draw=st.data())
    def one_step(self, draw: st.DataObject) -> None:
        drain = draw.draw(st.sampled_from(self.drains))
        if next(drain, self) is self:
            self.drains.remove(drain)

    @precondition(lambda self: self.drains)
    @rule()
    def kill_the_drains(self) -> None:
        self.drains.clear()

    @rule(most=st.sampled_from([0, 10, 6_000]))
    def trim(self, most: int) -> None:
        self.dropped += self.recordings.trim(most)

    @rule(minutes=st.sampled_from([1, 61]))
    def close_and_forget(self, minutes: int) -> None:
        self.minute += minutes
        self.recordings.tables.close_minutes(self.minute)
        self.recordings.forget_idle(self.minute)

    @rule()
    def count_all(self) -> None:
        self.recordings.drain()
        assert not any(held.buffers.longest() for held in self.recordings._held)

    @invariant()
    def each_is_counted_once(self) -> None:
        """It waits, it stands in the tables, or it was dropped."""
        assert self.found().total() + self.dropped == self.predicted.total()

    @invariant()
    def outcomes_are_not_mixed_up(self) -> None:
        if not self.dropped:
            assert self.found() == self.predicted

    def found(self) -> Counter[tuple[str, str]]:
        """What waits and what stands in the tables, by series and outcome."""
        found: Counter[tuple[str, str]] = Counter()
        for held in self.recordings._held:
            for kind in KINDS:
                found[held.key.model, kind] += len(getattr(held.buffers, kind))
        for key, totals in self.recordings.tables.series():
            counts = (totals.requests - totals.errors, totals.errors, totals.cancelled, totals.invalid)
            found.update({(key.model, kind): count for kind, count in zip(KINDS, counts, strict=True)})
        return found


TestCounting = Counting.TestCase
TestCounting.settings = settings(max_examples=25, stateful_step_count=30, deadline=None)
