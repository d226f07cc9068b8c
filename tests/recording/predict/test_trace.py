"""What a span asks of whoever traces it."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Coroutine, Generator, Mapping, MutableMapping
from contextlib import AbstractContextManager, nullcontext
from contextvars import ContextVar
from math import inf

import pytest

from actors.recording import Exemplar, Model, SeriesKey
from supervisor import telemetry
from tests.recording.predict.counted import KEY, Unfit, outcomes, taken

CURRENT: ContextVar[str | None] = ContextVar("current", default=None)


class Traced:
    """A trace that notes what it is told, and is current as a real one would be."""

    def __init__(self, example: Exemplar | None = None) -> None:
        self.told: list[tuple[str, BaseException | None]] = []
        self._example = example
        self.resume()

    def stage(self, name: str) -> AbstractContextManager[object]:
        self.told.append((name, None))
        return nullcontext()

    def inject(self, headers: MutableMapping[str, str]) -> None:
        raise NotImplementedError

    def pause(self) -> None:
        assert CURRENT.get() == "traced"
        CURRENT.set(None)

    def resume(self) -> None:
        assert CURRENT.get() is None
        CURRENT.set("traced")

    def ended(self, outcome: str, error: BaseException | None, seconds: float) -> Exemplar | None:
        assert seconds >= 0
        self.pause()
        self.told.append((outcome, error))
        return self._example


class Tracing:
    """Is asked of every prediction, and traces every one, or every second one."""

    slow_seconds = inf

    def __init__(self, every: int = 1, example: Exemplar | None = None) -> None:
        self.left = 0.0
        self.begun: list[int | None] = []
        self.traces: list[Traced] = []
        self._every, self._example = every, example

    def current(self) -> object:
        return CURRENT.get()

    def incoming(self, headers: Mapping[str, str]) -> AbstractContextManager[None]:
        raise NotImplementedError

    def keep(self, *_: object, **__: object) -> None:
        return None

    def inject(self, headers: MutableMapping[str, str], ids: tuple[int, int] | None) -> None:
        raise NotImplementedError

    def begin(self, input_size: int | None = None, *, key: SeriesKey | None = None) -> Traced | None:
        self.begun.append(input_size)
        if len(self.begun) % self._every:
            return None
        self.traces.append(Traced(self._example))
        return self.traces[-1]

    @property
    def told(self) -> list[tuple[str, BaseException | None]]:
        return [one for trace in self.traces for one in trace.told]


def test_block_is_traced_with_its_stages() -> None:
    tracing = Tracing()
    with Model(KEY, tracing=tracing).span(512) as span, span.stage("inference"):
        assert CURRENT.get() == "traced"
    assert CURRENT.get() is None
    assert tracing.begun == [512]
    assert tracing.told == [("inference", None), ("ok", None)]


async def test_each_observed_form_begins_one_trace_for_each_prediction() -> None:
    tracing = Tracing(every=2)
    model = Model(KEY, tracing=tracing)

    @model.observe
    async def score() -> str | None:
        return CURRENT.get()

    plain = model.observe(CURRENT.get)
    batch = model.observe(batch=2)(CURRENT.get)
    assert [plain(), plain(), await score(), await score(), batch(), batch()] == [None, "traced"] * 3
    assert len(tracing.begun) == 6
    assert outcomes(model) == (8, 0, 0, 0)


@pytest.mark.parametrize("is_heard", [False, True])
async def test_trace_is_begun_once_where_handlers_hear_as_well(is_heard: bool) -> None:
    if is_heard:
        telemetry.attach("one", ("model", "predict", "stop"), lambda *_: None)
    tracing = Tracing(every=2)
    model = Model(KEY, tracing=tracing)

    @model.observe
    async def score() -> None: ...

    plain = model.observe(lambda: None)
    for _ in range(2):
        await score()
        plain()
    assert (len(tracing.begun), len(tracing.traces)) == (4, 2)


def test_trace_is_told_how_it_ended() -> None:
    tracing, error = Tracing(), Unfit()

    @Model(KEY, tracing=tracing).observe
    def score() -> None:
        raise error

    with pytest.raises(Unfit):
        score()
    assert tracing.told == [("error", error)]


def test_example_of_a_trace_is_left_for_the_recorder() -> None:
    example = Exemplar(0.1, "a" * 32, "b" * 16, 1_700_000_000.0)
    model = Model(KEY, tracing=Tracing(example=example))
    model.observe(lambda: 1)()
    assert taken(model).exemplars == [example]


def test_generator_is_current_in_its_steps_and_not_between_them() -> None:
    tracing, seen = Tracing(), []

    @Model(KEY, tracing=tracing).observe
    def stream() -> Generator[int, None, None]:
        try:
            for number in range(3):
                seen.append(CURRENT.get())
                yield number
        finally:
            seen.append(CURRENT.get())

    items = stream()
    for _ in range(2):
        next(items)
        assert CURRENT.get() is None
    items.close()
    assert CURRENT.get() is None
    assert seen == ["traced"] * 3
    [(outcome, error)] = tracing.told
    assert (outcome, type(error)) == ("cancelled", GeneratorExit)


async def test_async_generator_is_current_in_its_steps_and_not_between_them() -> None:
    """Each step in another task: what is current belongs to the task that waits for the item."""
    tracing, seen = Tracing(), []

    @Model(KEY, tracing=tracing).observe
    async def stream() -> AsyncGenerator[int, None]:
        for number in range(2):
            await asyncio.sleep(1.0)
            seen.append(CURRENT.get())
            yield number

    items = stream()

    async def step(take: Callable[[], Coroutine[object, object, object]]) -> object:
        item = await take()
        assert CURRENT.get() is None
        return item

    async def rest() -> list[int]:
        return [item async for item in items]

    async def first() -> int:
        return await anext(items)

    assert await asyncio.create_task(step(first)) == 0
    assert await asyncio.create_task(step(rest)) == [1]
    assert seen == ["traced"] * 2
    assert tracing.told == [("ok", None)]


def test_what_is_thrown_into_a_generator_finds_its_trace() -> None:
    seen = []

    @Model(KEY, tracing=Tracing()).observe
    def stream() -> Generator[int, None, None]:
        try:
            yield 1
        except Unfit:
            seen.append(CURRENT.get())
            yield 2

    items = stream()
    next(items)
    assert (items.throw(Unfit()), CURRENT.get()) == (2, None)
    assert list(items) == []
    assert seen == ["traced"]


def test_block_that_is_never_run_leaves_no_trace_current() -> None:
    """Ctrl-C meets the handler of the start."""

    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    telemetry.attach("interrupted", ("model", "predict", "start"), interrupted)
    tracing = Tracing()
    model = Model(KEY, tracing=tracing)
    with pytest.raises(KeyboardInterrupt), model.span():
        pass
    assert CURRENT.get() is None
    assert [outcome for outcome, _ in tracing.told] == ["cancelled"]
    assert outcomes(model) == (0, 0, 0, 0)
