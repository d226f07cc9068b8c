"""An observed generator does what the same generator does unobserved, and is counted as one prediction."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Generator
from typing import Literal, TypeAlias

from hypothesis import given
from hypothesis import strategies as st

from actors.recording import Declaration, Model, SeriesKey
from actors.recording.counts import Taken


class Thrown(Exception):  # noqa: N818  what a consumer throws in
    """By whoever takes the items."""


class Unfit(Exception):  # noqa: N818  a name for what goes wrong in a model
    """By the generator itself."""


class Refused(Exception):  # noqa: N818  a name for what is wrong with an input
    """By the generator, of its input."""


Step: TypeAlias = Literal["yield", "catch", "finally", "raise", "refuse"]
Move: TypeAlias = Literal["next", "send", "throw", "close"]
STEPS = st.lists(st.sampled_from(["yield", "catch", "finally", "raise", "refuse"]), max_size=6)
MOVES = st.lists(st.sampled_from(["next", "send", "throw", "close"]), max_size=8)


def stream(steps: list[Step], log: list[object]) -> Generator[int, object, str]:
    for number, step in enumerate(steps):
        match step:
            case "yield":
                log.append((yield number))
            case "catch":
                try:
                    log.append((yield number))
                except Thrown as error:
                    log.append(repr(error))
            case "finally":
                try:
                    log.append((yield number))
                finally:
                    log.append("cleaned up")
            case "raise":
                raise Unfit(number)
            case "refuse":
                raise Refused(number)
    return "the end"


async def async_stream(steps: list[Step], log: list[object]) -> AsyncGenerator[int, object]:
    items = stream(steps, log)
    try:
        item = next(items)
        while True:
            await asyncio.sleep(1.0)
            try:
                sent = yield item
            except GeneratorExit:
                items.close()
                raise
            except Thrown as error:
                item = items.throw(error)
            else:
                item = items.send(sent)
    except StopIteration:
        return


def driven(items: Generator[int, object, str], moves: list[Move]) -> list[str]:
    """What each move gives or raises."""
    seen: list[str] = []
    does: dict[Move, Callable[[], object]] = {
        "next": lambda: next(items),
        "send": lambda: items.send("sent"),
        "throw": lambda: items.throw(Thrown("in")),
        "close": items.close,
    }
    for move in moves:
        try:
            seen.append(repr(does[move]()))
        except Exception as error:  # noqa: BLE001  whatever it is, both must raise it
            seen.append(repr(error))
    items.close()
    return seen


async def driven_async(items: AsyncGenerator[int, object], moves: list[Move]) -> list[str]:
    seen: list[str] = []
    for move in moves:
        try:
            match move:
                case "next":
                    given: object = await anext(items)
                case "send":
                    given = await items.asend("sent")
                case "throw":
                    given = await items.athrow(Thrown("in"))
                case "close":
                    given = await items.aclose()  # type: ignore[func-returns-value]
            seen.append(repr(given))
        except (Exception, StopAsyncIteration) as error:  # noqa: BLE001  as above
            seen.append(repr(error))
    await items.aclose()
    return seen


def counted(model: Model) -> Taken:
    return model.buffers.take(1_000) or Taken()


def is_begun(moves: list[Move]) -> bool:
    """Whether it takes its first step: what is closed or thrown into before that never does."""
    first = moves[0] if moves else "close"
    # The first `send` to what has not begun is refused, and leaves it as it was.
    return is_begun(moves[1:]) if first == "send" else first == "next"


@given(steps=STEPS, moves=MOVES)
def test_observed_generator_gives_and_raises_what_it_would_unobserved(
    steps: list[Step], moves: list[Move]
) -> None:
    model = Model(SeriesKey("fraud", ""), Declaration(invalid=(Refused,)))
    bare_log: list[object] = []
    log: list[object] = []
    assert driven(model.observe(stream)(steps, log), moves) == driven(stream(steps, bare_log), moves)
    assert log == bare_log
    taken = counted(model)
    assert taken.predictions == is_begun(moves)
    has_items = bool(steps) and steps[0] not in {"raise", "refuse"}
    assert len(taken.first_item) == (is_begun(moves) and has_items)


@given(steps=STEPS, moves=MOVES)
async def test_observed_async_generator_gives_and_raises_what_it_would_unobserved(
    steps: list[Step], moves: list[Move]
) -> None:
    model = Model(SeriesKey("fraud", ""), Declaration(invalid=(Refused,)))
    bare_log: list[object] = []
    log: list[object] = []
    observed = await driven_async(model.observe(async_stream)(steps, log), moves)
    assert observed == await driven_async(async_stream(steps, bare_log), moves)
    assert log == bare_log
    assert counted(model).predictions == is_begun(moves)
