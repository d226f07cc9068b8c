"""Which partition a key leads to."""

import uuid
from collections import Counter
from enum import Enum

import pytest
from hypothesis import given
from hypothesis import strategies as st

from supervisor.errors import BadNameError
from supervisor.tree.partition_routing import hash_of, partition_of

pytestmark = pytest.mark.conformance("A70")


class Colour(Enum):
    RED = "red"
    BLUE = "blue"


SIMPLE = st.one_of(
    st.text(),
    st.binary(),
    st.integers(),
    st.floats(allow_nan=False),
    st.none(),
    st.sampled_from(Colour),
    st.uuids(),
)
KEYS = st.recursive(SIMPLE, lambda inner: st.lists(inner, max_size=4).map(tuple), max_leaves=6)


@pytest.mark.parametrize(
    ("key", "partitions", "index"), [(0, 4, 0), (5, 4, 1), (-5, 4, 1), (-1, 4, 1), (7, 1, 0), (True, 4, 1)]
)
def test_whole_number_leads_by_its_absolute_value(key: int, partitions: int, index: int) -> None:
    """Python's own remainder of -5 and 4 would be 3."""
    assert partition_of(key, partitions) == index


@pytest.mark.parametrize(
    ("key", "expected"),
    [
        ("alice", 1335200772),
        (b"alice", 2281268946),
        ("", 2018536706),
        (1.0, 4058224520),
        (None, 2013832146),
        (("tenant", 7), 1548965300),
        (Colour.RED, 1136650466),
        (uuid.UUID(int=7), 3348186849),
    ],
    ids=str,
)
def test_other_keys_lead_the_same_way_in_every_run(key: object, expected: int) -> None:
    """Python's own hash of a string is another one in each run."""
    assert hash_of(key) == expected


@given(key=KEYS, partitions=st.integers(1, 64))
def test_every_key_leads_somewhere_and_always_there(key: object, partitions: int) -> None:
    index = partition_of(key, partitions)
    assert 0 <= index < partitions
    assert index == partition_of(key, partitions)


def test_keys_that_look_alike_are_different_keys() -> None:
    keys = [
        "1",
        b"1",
        1.0,
        ("1",),
        ("1", ""),
        ("", "1"),
        ("11",),
        ("1", "1"),
        (1, 1),
        None,
        "None",
        (None,),
        ((),),
        (),
    ]
    assert len({hash_of(key) for key in keys}) == len(keys)


def test_keys_are_spread_evenly() -> None:
    counts = Counter(partition_of(f"user-{number}", 8) for number in range(8000))
    assert min(counts.values()) > 900
    assert max(counts.values()) < 1100


@pytest.mark.parametrize("key", [object(), ["a"], {"a"}, ("a", object())], ids=repr)
def test_key_of_which_nothing_stable_is_known_is_refused(key: object) -> None:
    with pytest.raises(BadNameError, match="the key of a partition must be a str, bytes, number"):
        partition_of(key, 4)
