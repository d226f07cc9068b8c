"""Keys compared by type as well as by value."""

from dataclasses import dataclass
from enum import StrEnum

import pytest

from supervisor.errors import BadNameError
from supervisor.process.registry.strict_key import strict_key

pytestmark = pytest.mark.conformance("C13")


class Word(StrEnum):
    A = "a"


@dataclass(frozen=True)
class Point:
    x: int


@pytest.mark.parametrize(
    ("one", "other"),
    [
        pytest.param(1, 1.0, id="whole-and-fraction"),
        pytest.param(1, True, id="number-and-truth"),
        pytest.param("a", Word.A, id="word-and-constant"),
        pytest.param((1, 2), [1, 2], id="tuple-and-list"),
        pytest.param((1, (2, 3)), (1, (2.0, 3)), id="deep-in-a-tuple"),
        pytest.param({"a": 1}, {"a": 1.0}, id="value-of-a-mapping"),
        pytest.param({1: "a"}, {1.0: "a"}, id="key-of-a-mapping"),
        pytest.param({"a": 1}, {"a": 1, "b": 2}, id="part-of-a-mapping"),
        pytest.param({1}, {1.0}, id="member-of-a-set"),
        pytest.param({1}, frozenset({1}), id="set-and-frozen-set"),
        pytest.param("1", 1, id="text-and-number"),
        pytest.param(b"a", "a", id="bytes-and-text"),
    ],
)
def test_keys_that_differ_in_type_or_part_are_two(one: object, other: object) -> None:
    assert strict_key(one) != strict_key(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        pytest.param("ab", str(b"ab", "ascii"), id="text"),
        pytest.param({"a": 1, "b": [2]}, {"b": [2], "a": 1}, id="mapping-in-another-order"),
        pytest.param((1, {2, 3}), (1, {3, 2}), id="nested"),
        pytest.param(Point(1), Point(1), id="equal-values"),
        pytest.param(None, None, id="none"),
    ],
)
def test_equal_keys_of_equal_types_are_one(one: object, other: object) -> None:
    assert strict_key(one) == strict_key(other)
    assert hash(strict_key(one)) == hash(strict_key(other))


def test_key_that_cannot_be_hashed_is_refused_with_its_value() -> None:
    with pytest.raises(BadNameError, match=r"a key must be hashable.*got bytearray\(b'x'\)"):
        strict_key(bytearray(b"x"))


def test_key_stands_for_what_it_was_when_it_was_claimed() -> None:
    key = ["a"]
    token = strict_key(key)
    key.append("b")
    assert token == strict_key(["a"])
