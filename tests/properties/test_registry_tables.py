"""Whatever owners claim, give back and die of: the two indexes of a table always tell the same."""

from collections.abc import Hashable
from typing import TYPE_CHECKING, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from supervisor import AlreadyRegisteredError, Pid
from supervisor.process.registry import Entry, Keys, Tables
from supervisor.process.registry.strict_key import strict_key
from supervisor.process.registry.table import Table

if TYPE_CHECKING:
    from supervisor.process.process import Process

KEYS = st.sampled_from(["x", "y", 1, 1.0, True, ("x", 1), {"x": 1}])


class Owner:
    """What the tables know of a process and of its handle, without a loop: it is both."""

    def __init__(self, number: int) -> None:
        self.number = number
        self.reason: str | None = None
        self.ties: Ties = Ties()
        self.pid = self

    @property
    def is_alive(self) -> bool:
        return self.reason is None

    @property
    def _process(self) -> "Owner":
        return self


class Ties:
    def __init__(self) -> None:
        self.links: set[object] = set()

    def link(self, target: object) -> None:
        self.links.add(target)

    def unlink(self, target: object) -> None:
        self.links.discard(target)


class RegistryMachine(RuleBasedStateMachine):
    """Tables beside a plain list of (key, owner, value), which is all that they should amount to."""

    @initialize(keys=st.sampled_from(["unique", "duplicate"]), partitions=st.integers(1, 4))
    def lay_out(self, keys: Keys, partitions: int) -> None:
        self.tables = Tables("names", keys, partitions)
        self.model: list[tuple[Hashable, Owner, object]] = []
        self.owners = [Owner(number) for number in range(3)]
        self.dead: list[Owner] = []
        for part in self.tables.parts:
            part.keeper = cast("Pid", Owner(-1))

    def _of(self, owner: Owner, key: object) -> list[Entry]:
        return [entry for entry in self.tables.at(strict_key(key)) if entry.owner is cast("Pid", owner)]

    @rule(number=st.integers(0, 2), key=KEYS, value=st.integers())
    def claim(self, number: int, key: object, value: int) -> None:
        owner, token = self.owners[number], strict_key(key)
        holders = [one for held, one, _ in self.model if held == token and one.is_alive]
        if self.tables.keys == "unique" and holders:
            with pytest.raises(AlreadyRegisteredError) as raised:
                self.tables.claim(cast("Process", owner), key, value)
            assert raised.value.owner is holders[0]
        else:
            self.tables.claim(cast("Process", owner), key, value)
            if self.tables.keys == "unique":
                self.model = [row for row in self.model if row[0] != token]
            self.model.append((token, owner, value))

    @rule(number=st.integers(0, 2), key=KEYS)
    def give_back(self, number: int, key: object) -> None:
        owner, token = self.owners[number], strict_key(key)
        self.tables.give_back(cast("Process", owner), self._of(owner, key))
        self.model = [row for row in self.model if (row[0], row[1]) != (token, owner)]

    @rule(number=st.integers(0, 2), key=KEYS, value=st.integers())
    def change(self, number: int, key: object, value: int) -> None:
        owner, token = self.owners[number], strict_key(key)
        for entry in self._of(owner, key)[:1]:
            self.tables.replace(entry, value)
            old = (token, owner, entry.value)
            self.model.remove(old)
            self.model.append((token, owner, value))

    @rule(number=st.integers(0, 2))
    def die(self, number: int) -> None:
        """An owner ends, and another takes its place; nobody has noticed yet."""
        owner = self.owners[number]
        owner.reason = "killed"
        self.dead.append(owner)
        self.owners[number] = Owner(number)

    @precondition(lambda self: self.dead)
    @rule(data=st.data())
    def notice(self, data: st.DataObject) -> None:
        """One partition hears of one death, or hears of it again."""
        owner = data.draw(st.sampled_from(self.dead))
        part = data.draw(st.sampled_from(self.tables.parts))
        tokens = {entry.token for entry in part.table.of(cast("Pid", owner))}
        self.tables.clear(part, cast("Pid", owner), None)
        self.model = [row for row in self.model if row[1] is not owner or row[0] not in tokens]

    @precondition(lambda self: hasattr(self, "tables"))
    @rule(data=st.data())
    def another_keeper(self, data: st.DataObject) -> None:
        """A partition crashes and is back: it ties the living and removes the dead."""
        part = data.draw(st.sampled_from(self.tables.parts))
        keeper = Owner(-1)
        gone = [one for one in part.table.owners if not one.is_alive]
        tokens = {entry.token for owner in gone for entry in part.table.of(owner)}
        for owner in self.owners:
            owner.ties.links.discard(part.keeper)
        self.tables.keep(part, cast("Process", keeper))
        for survivor in part.table.owners:
            assert survivor in keeper.ties.links
            cast("Owner", survivor).ties.links.add(keeper)  # a link is mutual
        self.model = [row for row in self.model if row[1].is_alive or row[0] not in tokens]

    @invariant()
    def both_indexes_are_the_model(self) -> None:
        by_key = [entry for part in self.tables.parts for entry in _by_key(part.table)]
        by_owner = [entry for part in self.tables.parts for entry in _by_owner(part.table)]
        assert sorted(map(id, by_key)) == sorted(map(id, by_owner))
        assert sorted(map(_row, by_key), key=repr) == sorted(self.model, key=repr)

    @invariant()
    def only_the_living_are_seen(self) -> None:
        assert sorted(map(_row, self.tables), key=repr) == sorted(
            (row for row in self.model if row[1].is_alive), key=repr
        )
        assert all(self.tables.of(cast("Pid", owner)) == () for owner in self.dead)

    @invariant()
    def owner_is_tied_where_it_has_keys_and_nowhere_else(self) -> None:
        for owner in self.owners:
            tied = {part.keeper for part in self.tables.parts if cast("Pid", owner) in part.table}
            assert owner.ties.links == tied

    def teardown(self) -> None:
        """When all have died and that was noticed, nothing is left."""
        if not hasattr(self, "tables"):
            return
        for owner in self.owners + self.dead:
            owner.reason = "killed"
            for part in self.tables.parts:
                self.tables.clear(part, cast("Pid", owner), None)
        assert not any(part.table._by_key or part.table._by_owner for part in self.tables.parts)


def _by_key(table: Table) -> list[Entry]:
    assert all(table._by_key.values())  # no key without an entry
    return [entry for entries in table._by_key.values() for entry in entries]


def _by_owner(table: Table) -> list[Entry]:
    assert all(table._by_owner.values())
    return [entry for entries in table._by_owner.values() for entry in entries]


def _row(entry: Entry) -> tuple[Hashable, Owner, object]:
    return entry.token, cast("Owner", entry.owner), entry.value


TestRegistryTables = RegistryMachine.TestCase


SCALARS = st.none() | st.booleans() | st.integers(-2, 2) | st.floats(-2, 2) | st.sampled_from(["", "a"])
VALUES = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=2)
        | st.lists(inner, max_size=2).map(tuple)
        | st.dictionaries(SCALARS, inner, max_size=2)
    ),
    max_leaves=4,
)


def _same(one: object, other: object) -> bool:
    """Equal, and of equal types all the way down: written out by hand."""
    if type(one) is not type(other):
        return False
    match one, other:
        case ((tuple() | list()), (tuple() | list())):
            return len(one) == len(other) and all(map(_same, one, other))
        case dict(), dict():
            return len(one) == len(other) and all(
                any(_same(key, name) and _same(item, value) for name, value in other.items())
                for key, item in one.items()
            )
        case _:
            return one == other


@given(one=VALUES, other=VALUES)
@pytest.mark.conformance("C13", "S7.13")
def test_strict_keys_are_equal_exactly_if_the_keys_are_in_value_and_type(one: object, other: object) -> None:
    assert (strict_key(one) == strict_key(other)) is _same(one, other)
    assert strict_key(one) == strict_key(one)
