"""Every item of OTP's behaviour is held by a test, excused with a reason, or known to be missing."""

import pytest

from tests.conformance.table import (
    COMMAND,
    PAGE,
    Group,
    Holder,
    Item,
    holders_in,
    read_groups,
    read_holders,
    read_missing,
    render,
    still_missing,
)

GROUPS = read_groups()
HOLDERS = read_holders()
ITEMS = {item.id: item for group in GROUPS for item in group.items}
EXCUSED = {item.id for item in ITEMS.values() if item.excused is not None}
HELD = {id_ for holder in HOLDERS for id_ in holder.ids}
MISSING = read_missing()


def test_page_is_up_to_date() -> None:
    assert PAGE.read_text(encoding="utf-8") == render(GROUPS, HOLDERS), f"run {COMMAND}"


def test_every_mark_names_an_item() -> None:
    unknown = {
        holder: set(holder.ids) - set(ITEMS) for holder in HOLDERS if not set(holder.ids) <= set(ITEMS)
    }
    assert unknown == {}


def test_every_item_is_held_or_excused_or_known_to_be_missing() -> None:
    assert set(ITEMS) - HELD - EXCUSED - MISSING == set()


def test_list_of_missing_items_has_none_that_is_held_or_excused() -> None:
    assert sorted(MISSING) == sorted(still_missing(GROUPS, HOLDERS, MISSING)), f"run {COMMAND}"


def test_no_item_is_both_excused_and_held() -> None:
    assert EXCUSED.isdisjoint(HELD)


def test_numbers_have_no_gaps_and_no_twins() -> None:
    """All items of the specification are there; its cases are a selection."""
    for letter, count in {"A": 72, "B": 37, "C": 15, "D": 9, "E": 22, "F": 23}.items():
        assert [id_ for id_ in ITEMS if id_[0] == letter] == [f"{letter}{n}" for n in range(1, count + 1)]
    assert len(ITEMS) == sum(len(group.items) for group in GROUPS)


# --- the reader and the writer themselves -------------------------------------------------------------------

SOURCE = """
import pytest

pytestmark = [pytest.mark.conformance("A1"), pytest.mark.realtime("sockets")]

@pytest.mark.conformance("A2", "S1.64")
@pytest.mark.parametrize("x", [pytest.param(1, marks=pytest.mark.conformance("A3")), 2])
async def test_one(x): ...

@pytest.mark.conformance("A4")
class TestTwo:
    @pytest.mark.conformance("A5")
    def test_three(self): ...

def test_unmarked(): ...
"""


def test_marks_are_read_from_files_functions_parameters_classes_and_methods() -> None:
    assert list(holders_in(SOURCE, "tests/test_x.py")) == [
        Holder("tests/test_x.py", None, ("A1",)),
        Holder("tests/test_x.py", "test_one", ("A2", "S1.64", "A3")),
        Holder("tests/test_x.py", "TestTwo", ("A4",)),
        Holder("tests/test_x.py", "TestTwo.test_three", ("A5",)),
    ]


def test_mark_that_names_no_literal_is_refused() -> None:
    with pytest.raises(ValueError, match="malformed node"):
        list(holders_in("@pytest.mark.conformance(ITEM)\ndef test_x(): ...", "tests/test_x.py"))


def test_row_names_its_tests_or_its_excuse_or_that_it_has_neither() -> None:
    items = Item("A1", "held"), Item("A2", "excused", "a reason"), Item("A3", "missing")
    page = render([Group("Things", items)], [Holder("tests/a/test_x.py", "test_it_holds", ("A1",))])
    assert page.endswith(
        "## Things\n\n| item | what it says | held by |\n|---|---|---|\n"
        "| A1 | held | [it holds](../tests/a/test_x.py) |\n"
        "| A2 | excused | *nothing:* a reason |\n"
        "| A3 | missing | **not yet held** |\n"
    )


def test_list_of_missing_items_only_shrinks() -> None:
    groups = [
        Group(
            "Things",
            (Item("A1", "held"), Item("A2", "excused", "why"), Item("A3", "not on the list"), Item("A4", "")),
        )
    ]
    holders = [Holder("tests/test_x.py", None, ("A1",))]
    assert still_missing(groups, holders, {"A1", "A2", "A4", "A9"}) == ["A4"]
