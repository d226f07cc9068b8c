"""What a slokeeper pushes is what a node of ours counts, to the last number and the last bucket."""

from typing import TYPE_CHECKING

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from actors.node.otlp.decoding import Encoding, decode
from actors.node.otlp.instance import Moment
from actors.node.otlp.pushes import Pushes
from actors.node.otlp.reading import read_batch
from actors.node.otlp.stream import SECOND
from actors.recording.counts import Taken
from actors.recording.otlp.encode import encode
from actors.recording.series import SeriesKey
from actors.recording.tables import Tables
from supervisor.clock import unix_now

if TYPE_CHECKING:
    from collections.abc import Iterable

KEY = SeriesKey("fraud", "1", (("tenant", "a"),))
THRESHOLDS = (0.1, 0.25)
QUANTILES = (0.0, 0.5, 0.9, 0.99, 1.0)


class Sender:
    """One process that predicts and pushes; its clock is the node's."""

    def __init__(self, instance: str) -> None:
        self.instance, self.lives = instance, 0
        self.restart()

    def restart(self) -> None:
        """Begin anew, as another process does."""
        self.lives += 1
        self.tables = Tables(THRESHOLDS, bounds=())

    def pushed(self, at: float) -> bytes:
        resource = {"service.name": "fraud", "service.instance.id": f"{self.instance}-{self.lives}"}
        return encode(
            self.tables.series(), thresholds=THRESHOLDS, resource=resource, now_ns=round(at * SECOND)
        )


class Node:
    """Takes pushes, and writes down what it must not forget."""

    def __init__(self) -> None:
        self.tables = Tables(THRESHOLDS, bounds=())
        self.pushes = Pushes(0)
        self.database: dict[str, bytes] = {}

    def take(self, body: bytes, at: float) -> None:
        batch = read_batch(decode(body, Encoding.PROTOBUF))
        for push in batch.pushes:
            assert not self.pushes.take(push, Moment(at, round(at * SECOND)), self.tables)

    def restart(self, at: float) -> None:
        """Begin anew with what was stored; its minutes, too, are what they were."""
        self.database |= {key: dump for key, dump in self.pushes.dump().items() if dump is not None}
        self.pushes = Pushes(round(at * SECOND))
        for key, dump in self.database.items():
            self.pushes.load(key, dump, at)


def told(tables: Tables) -> tuple[object, ...]:
    """All that can be asked of a series."""
    tables.close_minutes(1 + (tables.minute or 0))
    totals = dict(tables.series())[KEY]
    rows = np.array([row for row, _ in tables.select({})])
    first, counts = totals.latency.filled()
    return (
        (totals.requests, totals.errors, totals.cancelled, totals.invalid),
        totals.within(),
        [tables.sli_counts(rows, 60, threshold) for threshold in (None, *THRESHOLDS)],
        [tables.latency_quantile(rows, q) for q in QUANTILES],
        (first, counts.tolist()),
    )


seconds = st.floats(0.0, 100.0) | st.sampled_from([0.1, 0.25, 0.05, 0.01])
some = st.builds(
    Taken,
    ok=st.lists(seconds, min_size=1, max_size=8),
    errors=st.lists(seconds, max_size=3),
    cancelled=st.lists(seconds, max_size=2),
    invalid=st.lists(seconds, max_size=2),
)
turns = st.lists(
    st.tuples(
        st.integers(0, 3),  # which of four processes
        some,
        st.sampled_from(["push", "push twice", "keep", "restart of the process", "restart of the node"]),
    ),
    min_size=1,
    max_size=20,
)


@given(turns=turns)
def test_four_processes_are_counted_exactly_whoever_restarts(
    turns: "Iterable[tuple[int, Taken, str]]",
) -> None:
    node, all_together = Node(), Tables(THRESHOLDS, bounds=())
    senders = [Sender(instance) for instance in "abcd"]
    at = unix_now()
    for which, taken, then in turns:
        at += 10.0
        sender = senders[which]
        sender.tables.add_taken(KEY, taken)
        all_together.add_taken(KEY, taken)
        for _ in range({"keep": 0, "push twice": 2}.get(then, 1)):
            node.take(sender.pushed(at), at)
        if then == "restart of the process":
            sender.restart()
        if then == "restart of the node":
            node.restart(at)
    for sender in senders:
        node.take(sender.pushed(at + 10.0), at + 10.0)
    assert told(node.tables) == told(all_together)
