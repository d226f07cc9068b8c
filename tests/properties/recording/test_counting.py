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
NUMBERS = st.sampled_from([1, 2, 100, 5_000, 20_000])


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
        self.recordings.trim(most)

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
        """Those that wait, those that stand in the tables, and those that were dropped."""
        found: Counter[str] = Counter()
        for held in self.recordings._held:
            found[held.key.model] += sum(len(getattr(held.buffers, kind)) for kind in KINDS)
        for key, totals in self.recordings.tables.series():
            found[key.model] += totals.requests + totals.cancelled + totals.invalid
        for key, dropped in self.recordings.dropped.items():
            found[key.model] += dropped
        predicted: Counter[str] = Counter()
        for (series, _), number in self.predicted.items():
            predicted[series] += number
        assert found == predicted

    @invariant()
    def outcomes_are_not_mixed_up(self) -> None:
        if self.recordings.dropped:
            return
        waiting = {held.key: held.buffers for held in self.recordings._held if held.buffers.longest()}
        for key, totals in self.recordings.tables.series():
            buffers = waiting.get(key)
            found = (totals.requests - totals.errors, totals.errors, totals.cancelled, totals.invalid)
            for kind, counted in zip(KINDS, found, strict=True):
                waits = len(getattr(buffers, kind)) if buffers else 0
                assert counted + waits == self.predicted[key.model, kind]


TestCounting = Counting.TestCase
TestCounting.settings = settings(max_examples=30, stateful_step_count=40, deadline=None)
