"""Any input, any durations, any failures: what holds for every stream of tasks."""

import asyncio
from dataclasses import dataclass

from hypothesis import given
from hypothesis import strategies as st

from supervisor import Exited, Ok, Outcome, TaskSupervisor, async_stream, start_tree
from tests.properties.test_supervision import run


@dataclass(frozen=True, slots=True)
class Item:
    number: int
    seconds: float
    fails: bool


items = st.lists(st.tuples(st.sampled_from([0.0, 0.1, 1.0, 2.0]), st.booleans()), max_size=12).map(
    lambda drawn: [Item(number, *one) for number, one in enumerate(drawn)]
)


@given(items=items, max_concurrency=st.integers(1, 5), ordered=st.booleans(), taken=st.integers(0, 12))
def test_every_item_has_one_outcome_in_its_place_and_no_more_run_than_may(
    items: list[Item], max_concurrency: int, ordered: bool, taken: int
) -> None:
    running: set[int] = set()
    started: list[int] = []
    most = 0

    async def work(item: Item) -> int:
        nonlocal most
        started.append(item.number)
        running.add(item.number)
        most = max(most, len(running))
        try:
            await asyncio.sleep(item.seconds)
            if item.fails:
                raise ZeroDivisionError
        finally:
            running.remove(item.number)
        return item.number

    async def read() -> list[Outcome[int]]:
        came: list[Outcome[int]] = []
        async with start_tree(TaskSupervisor.spec("root")) as tree:
            stream = async_stream(
                tree.ref("root"),
                items,
                work,
                max_concurrency=max_concurrency,
                ordered=ordered,
                zip_input_on_exit=True,
            )
            while len(came) < taken and (outcome := await anext(stream, None)) is not None:
                came.append(outcome)
            await stream.aclose()
            assert not running
        return came

    came = run(read())
    told = [one.value if isinstance(one, Ok) else _number(one) for one in came]
    assert [isinstance(one, Exited) for one in came] == [items[number].fails for number in told]
    assert len(set(told)) == len(told) == min(taken, len(items))
    assert most <= max_concurrency
    assert started == list(range(len(started)))
    if ordered:
        assert told == list(range(len(told)))
    else:
        assert len(started) <= len(told) + max_concurrency
    if taken >= len(items):
        assert most == min(max_concurrency, len(items)) or any(item.seconds == 0.0 for item in items)


def _number(exited: Exited) -> int:
    assert isinstance(exited.input, Item)
    return exited.input.number
