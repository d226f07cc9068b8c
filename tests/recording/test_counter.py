"""Minutes that are loaded, many in one go, against the same closed one after the other."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from actors.recording.counter import Counter

BEGIN = 29_000_003
ROWS = 40  # of more than one page
WRAP = 2**32
LENGTHS = (1, 59, 60, 359, 360, 361, 1440, 4319, 4320, 4321, 43_200)

ends = st.lists(
    st.tuples(
        st.sampled_from([1, 1, 1, 1, 1, 2, 30, 59, 60, 61, 300, 5000]),  # minutes after the one before
        st.lists(st.sampled_from([0, 1, 300, WRAP // 3, WRAP - 1]), max_size=4),  # counts of some rows
    ),
    min_size=1,
    max_size=90,
)


@settings(max_examples=60, deadline=None)
@given(
    ends=ends,
    first=st.one_of(st.none(), st.just(BEGIN - 1), st.just(BEGIN - 700)),
    at_once=st.integers(1, 70),
    seed=st.integers(0, 99),
)
def test_what_is_loaded_many_ends_at_once_is_as_if_each_had_been_closed(
    ends: list[tuple[int, list[int]]], first: int | None, at_once: int, seed: int
) -> None:
    """Over gaps of any length, rows that begin late in any order, and counts beyond 32 bits."""
    order, untils = np.random.default_rng(seed).permutation(ROWS), BEGIN
    closed, loaded, after = Counter(), Counter(), first
    counts, every = np.zeros((ROWS, len(ends)), np.int64), []
    for at, (later, some) in enumerate(ends):
        untils += later
        every.append(untils)
        counts[order[(at + np.arange(len(some))) % ROWS], at] = some
    for at, until in enumerate(every):
        closed.add_many(np.arange(ROWS), counts[:, at])
        closed.close(after, until)
        after = until
    after = first
    for at in range(0, len(every), at_once):
        some_ends = every[at : at + at_once]
        some_counts = counts[:, at : at + at_once]
        loaded.load(np.arange(ROWS), some_counts, after=after, untils=some_ends, newest=every[-1])
        after = some_ends[-1]
    for until in range(every[-1], every[-1] + 3):
        for minutes in LENGTHS:
            expected = closed.added(until, minutes, ROWS).tolist()
            assert loaded.added(until, minutes, ROWS).tolist() == expected
        for one in (closed, loaded):
            one.add(0, 5)
            one.close(until, until + 1)
