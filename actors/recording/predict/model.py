"""The handle by which a series of predictions is counted."""

import inspect
from collections.abc import Callable
from typing import TYPE_CHECKING, ParamSpec, SupportsIndex, TypeVar, cast, overload

from actors.recording.buffers import Buffers
from actors.recording.outcome import outcome_of
from actors.recording.predict.async_generators import observe_async_generator
from actors.recording.predict.batches import Batch
from actors.recording.predict.complaints import Complaints
from actors.recording.predict.coroutines import observe_coroutine
from actors.recording.predict.declaration import Declaration
from actors.recording.predict.generators import observe_generator
from actors.recording.predict.labels import OVERFLOW, PerCall
from actors.recording.predict.plain import observe_plain
from actors.recording.predict.span import Span

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from actors.recording.outcome import Outcome
    from actors.recording.predict.trace import SeriesTracing
    from actors.recording.series import SeriesKey
    from supervisor.clock import Seconds

P = ParamSpec("P")
R = TypeVar("R")


class Model:
    """The handle of one series of predictions.

    Made by `Recordings.model`; every method may be called from any thread or task.

    Args:
        key: Whose predictions these are.
        declaration: What may differ from call to call.
        tracing: Which of them are traced; None if none is, ever.
        make: Gives the model of another series, the same one for the same series, for labels of calls.

    Attributes:
        key: As given.
        declaration: As given.
        tracing: As given.
        buffers: Where the seconds of its predictions wait for the recorder.
        complaints: Where a wrong use is told.
        metadata: Of its events, but for what differs from call to call.
        is_overflow: Whether it counts what got no series of its own.
    """

    __slots__ = (
        "__weakref__",
        "_per_call",
        "buffers",
        "complaints",
        "declaration",
        "is_overflow",
        "key",
        "metadata",
        "tracing",
    )

    def __init__(
        self,
        key: "SeriesKey",
        declaration: Declaration = Declaration(),  # noqa: B008  a frozen value
        *,
        tracing: "SeriesTracing | None" = None,
        make: "Callable[[SeriesKey], Model] | None" = None,
    ) -> None:
        self.key, self.declaration, self.tracing = key, declaration, tracing
        self.buffers = Buffers()
        self.complaints = Complaints(key.model)
        self.metadata: dict[str, object] = {**key.all_labels(), "input_size": None}
        self.is_overflow = OVERFLOW in key.all_labels().values()
        self._per_call = PerCall(self, declaration, make or self._alone, self.complaints)

    # --- one prediction -----------------------------------------------------------------------------------

    @overload
    def observe(self, function: Callable[P, R], /) -> Callable[P, R]: ...
    @overload
    def observe(
        self,
        /,
        *,
        batch: int | Callable[..., SupportsIndex] = 1,
        batch_of_result: Callable[..., SupportsIndex] | None = None,
    ) -> Callable[[Callable[P, R]], Callable[P, R]]: ...
    def observe(
        self,
        function: Callable[P, R] | None = None,
        /,
        *,
        batch: int | Callable[..., SupportsIndex] = 1,
        batch_of_result: Callable[..., SupportsIndex] | None = None,
    ) -> Callable[P, R] | Callable[[Callable[P, R]], Callable[P, R]]:
        """Count every call of a function as a prediction; also of a coroutine or a generator function.

        A generator's prediction lasts from its first step to its end, and its first item is timed too. One
        that is left before its end is cancelled, one that is never begun is no prediction.

        Args:
            function: What is called, as it was before; what it gives and raises is given and raised.
            batch: How many predictions a call is, >= 0: a number, or a function of the call's arguments.
                Each of them counts, with the time of the whole call.
            batch_of_result: The same as a function of what the call returned; a call that raises counts as
                `batch` says.

        Raises:
            TypeError: `function` is no function, or generates and so has no result to take a batch from.
        """
        if function is not None:
            return self._observe(function, Batch(batch, batch_of_result, self.complaints))
        return lambda decorated: self._observe(decorated, Batch(batch, batch_of_result, self.complaints))

    def span(
        self, input_size: int | None = None, *, n: int = 1, metadata: "Mapping[str, object] | None" = None
    ) -> Span:
        """A prediction as a block, for `with` and `async with`.

        Args:
            input_size: Bytes of the input, for traces and events; the input itself is never kept.
            n: How many predictions the block is, >= 0.
            metadata: What handlers of its events are told beside the labels.
        """
        return Span(self, input_size, n, metadata)

    def labels(self, **values: str) -> "Model":
        """The model with labels that are known at the call only, as declared with `per_call`.

        It never raises. What has no series of its own (not declared, not text, beyond the limit) is
        counted in the overflow series, and the reason is logged once.
        """
        try:
            return self._per_call.known[tuple(values.items())]
        except (KeyError, TypeError):
            return self._per_call.find(values)

    # --- what the forms of `observe` and the span call ------------------------------------------------------

    def count(self, outcome: "Outcome", seconds: "Seconds", n: int = 1) -> None:
        """Count predictions that were timed by somebody else.

        Args:
            outcome: How they ended.
            seconds: What each of them took.
            n: How many.
        """
        buffers = self.buffers
        match outcome:
            case "ok":
                waiting = buffers.ok
            case "error":
                waiting = buffers.errors
            case "cancelled":
                waiting = buffers.cancelled
            case "invalid":
                waiting = buffers.invalid
        waiting.extend((seconds,) * n)

    def count_stream(self, outcome: "Outcome", seconds: "Seconds", first: "Seconds | None") -> None:
        """Count one prediction that was timed by somebody else, and may have given several items.

        Args:
            outcome: How it ended.
            seconds: What it took.
            first: Seconds to its first item, which counts if it went well to its end; None if it had none.
        """
        self.count(outcome, seconds)
        if first is not None and outcome == "ok":
            self.buffers.first_item.append(first)

    def failed(self, error: BaseException, seconds: "Seconds") -> "Outcome":
        """Count one prediction that ended with an exception, as what it says of the model."""
        outcome = outcome_of(error, self.declaration.invalid)
        self.count(outcome, seconds)
        return outcome

    def forked(self) -> None:
        """Begin with nothing in a process that was forked off."""
        self.buffers.clear()
        self._per_call.forked()

    def keep(
        self, began: "Seconds", seconds: "Seconds", outcome: "Outcome", error: BaseException | None
    ) -> None:
        """Have a prediction traced afterwards that was slow or failed; it was not sampled.

        Args:
            began: By `perf_counter`, seconds.
            seconds: How long it took.
            outcome: As it is counted.
            error: What ended it; None if it returned.
        """
        if self.tracing is not None:
            exemplar = self.tracing.keep(began, seconds, outcome, error)
            if exemplar is not None:
                self.buffers.exemplars.append(exemplar)

    def forget_labels(self, idle: "Collection[SeriesKey]") -> None:
        """Forget the models of labels of calls that are idle; whoever has one may go on with it."""
        self._per_call.forget(idle)

    # --- making -------------------------------------------------------------------------------------------

    def _observe(self, function: Callable[P, R], batch: Batch) -> Callable[P, R]:
        given: object = function
        if isinstance(given, classmethod | staticmethod) or not callable(given):
            raise TypeError(f"observe takes a function, got {given!r} (a method? put observe below the rest)")
        observe = cast("Callable[[Model, Callable[P, R], Batch], Callable[P, R]]", _form_of(function))
        return observe(self, function, batch)

    def _alone(self, key: "SeriesKey") -> "Model":
        return Model(key, Declaration(invalid=self.declaration.invalid))


def _form_of(function: object) -> object:
    called = (function, type(function).__call__)  # whatever is called may be an object of a class
    if any(map(inspect.isasyncgenfunction, called)):
        return observe_async_generator
    if any(map(inspect.isgeneratorfunction, called)):
        return observe_generator
    if any(map(inspect.iscoroutinefunction, called)):
        return observe_coroutine
    return observe_plain
