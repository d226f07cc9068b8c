"""The models of a process, and the way from their buffers to the tables."""

import threading
from collections import Counter
from typing import TYPE_CHECKING, Final

from actors.recording.forks import harmless, on_fork
from actors.recording.held import Held
from actors.recording.predict import HEARD, Declaration, Model
from actors.recording.series import TAKEN_NAMES, SeriesKey, is_label_name, is_text
from actors.recording.steps import in_turns

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Mapping

    from actors.recording.counts import Taken
    from actors.recording.tables import Tables
    from actors.recording.tracing import Tracing

CHUNK: Final = 4096
"""Of each kind of prediction so many are taken out at once."""

SILENT_MINUTES: Final = 24 * 60
"""Nominal minutes after which the series of a peer retires, if it has counted nothing."""
SILENT_LOOK: Final = 60

# What a step costs, in predictions: looking whether a series has any, counting them, and a step as a whole,
# which is about a quarter of a millisecond.
LOOKING: Final = 8
SERIES: Final = 1536
STEP: Final = 8192


class Recordings:
    """The models of this process and the tables that their predictions are counted in.

    Made by the application; it outlives every incarnation of the recorder. A process that is forked off
    begins with nothing counted: what its parent had counted, and had yet to count, stays the parent's.

    Args:
        tables: Where predictions are counted.
        tracing: Which predictions are traced; None if none is, ever.

    Attributes:
        persisted: Up to here every minute that counted anything is in storage; None before the first.
        closing: The end of the minute that somebody is about to close; None while nobody is.
        drains: How often the buffers have been drained, from the first to the last.
        overflowed: By model, how many predictions had labels that got no series of their own.
        dropped: By series, how many predictions were dropped uncounted because nobody drained.
        on_fork: Called in a process that was forked off, once nothing is counted there.
    """

    def __init__(self, tables: "Tables", *, tracing: "Tracing | None" = None) -> None:
        self.tables = tables
        self.persisted: int | None = None
        self.closing: int | None = None
        self.drains = 0
        self.dropped: Counter[SeriesKey] = Counter()
        self.overflowed: Counter[str] = Counter()
        self.on_fork: list[Callable[[], object]] = []
        self._tracing = tracing
        self._newest: dict[SeriesKey, Held] = {}
        self._held: list[Held] = []
        self._next_look = 0
        # Between whoever drains, whoever trims and whoever asks for a model; no prediction waits for it.
        self._lock = threading.Lock()
        on_fork(self)

    def model(
        self,
        name: str,
        version: str = "",
        *,
        per_call: tuple[str, ...] = (),
        max_series: int = 100,
        invalid: tuple[type[Exception], ...] = (),
        **labels: str,
    ) -> Model:
        """The handle of one series; the same one for the same labels, from any thread.

        Args:
            name: Of the model, not empty.
            version: Of the model.
            per_call: Names of labels that are known at the call only, for `Model.labels`.
            max_series: So many series at most come of them, >= 1; further ones are counted in one.
            invalid: Types of exceptions by which the model refuses its input.
            labels: What else its predictions are told apart by.

        Raises:
            ValueError: A label cannot stand on a metrics page, or is declared twice; or the model was
                made before, and declared otherwise.
            TypeError: A value is not a string.
        """
        _check({"model": name, "version": version, **labels, **dict.fromkeys(per_call, "")})
        if not name:
            raise ValueError("a model's name must not be empty")
        if doubled := {"model", "version", *labels}.intersection(per_call):
            raise ValueError(f"labels {sorted(doubled)} are given already, per_call must name others")
        declaration = Declaration(per_call, max_series, invalid)
        model = self._model(SeriesKey(name, version, tuple(sorted(labels.items()))), declaration)
        if declaration not in (model.declaration, Declaration()):
            raise ValueError(f"model {name!r} was made with {model.declaration}, got {declaration}")
        return model

    def keys(self) -> tuple[SeriesKey, ...]:
        """Of every model that is not forgotten; from any thread."""
        return tuple(self._newest)

    def _model(self, key: SeriesKey, declaration: Declaration) -> Model:
        with self._lock:
            held = self._newest.get(key)
            model = None if held is None else held.use()
            if model is None:
                labelled = Declaration(invalid=declaration.invalid)
                model = Model(
                    key,
                    declaration,
                    tracing=None if self._tracing is None else self._tracing.of(key),
                    make=lambda other: self._model(other, labelled),
                )
                held = self._newest[key] = Held(model)
                self._held.append(held)
            return model

    # --- counting -----------------------------------------------------------------------------------------

    def drain(self) -> None:
        """Count everything that has been predicted up to now, in one go.

        For whoever cannot wait; after `drain_in_turns` it is quickly done.
        """
        for _ in self._steps():
            pass

    async def drain_in_turns(self) -> None:
        """Count everything that has been predicted up to now, and let others run in between.

        A kill comes before or after a step: nothing is lost and nothing counted twice.
        """
        await in_turns(self._steps())

    def _steps(self) -> "Generator[None, None, None]":
        """Count, step by step, and give way between two."""
        HEARD.set_clock()
        cost = 0
        with self._lock:
            all_held = tuple(self._held)
        for held in all_held:
            cost += LOOKING
            # No more rounds than it has now: callers as fast as this loop would keep it for ever.
            for _ in range(-(-held.buffers.longest() // CHUNK)):
                gives_back = held.buffers.gives_back(CHUNK)
                if gives_back and cost:
                    yield
                    cost = 0
                if (taken := self._take(held)) is None:
                    break
                self.tables.add_taken(held.key, taken)
                if held.is_overflow:
                    self.overflowed[held.key.model] += taken.predictions
                cost += STEP if gives_back else SERIES + taken.predictions
                if cost >= STEP:
                    yield
                    cost = 0
            if cost >= STEP:
                yield
                cost = 0
        self.drains += 1

    def _take(self, held: Held) -> "Taken | None":
        with self._lock:
            held.use()
            return held.buffers.take(CHUNK)

    # --- what is too much, or over ------------------------------------------------------------------------

    def trim(self, most: int) -> int:
        """Drop what any series has waiting above so many predictions; from any thread.

        Returns:
            How many were dropped; by series they are in `dropped`.
        """
        total = 0
        for held in tuple(self._held):
            with self._lock:
                dropped = held.buffers.trim(most)
            if dropped:
                self.dropped[held.key] += dropped
                total += dropped
        return total

    def forget_idle(self, minute: int) -> None:
        """Forget the models that have been idle for an hour and that nobody holds, and retire their series.

        Whoever asks for one again gets a new handle. Labels of calls that have been idle for as long make
        room for others, up to `max_series`.

        Args:
            minute: The running one.
        """
        with self._lock:
            all_held = tuple(self._held)
            idle = {held.key for held in all_held if held.let_go(minute)}
        if idle:
            for held in all_held:  # without the lock: a call with new labels takes theirs before this one
                held.forget_labels(idle)
        with self._lock:
            over = {held for held in all_held if held.is_over}
            if not over:
                return
            self._held = [held for held in self._held if held not in over]
            gone = [key for key, held in self._newest.items() if held in over]
            for key in gone:
                del self._newest[key]
        for key in gone:
            self.tables.retire(key)
            self.dropped.pop(key, None)

    def retire_silent(self, minute: int) -> None:
        """Retire the series of others that have counted nothing for a day: peers go, and their models do.

        Args:
            minute: The running one; it is looked at once an hour.
        """
        if minute < self._next_look:
            return
        self._next_look = minute + SILENT_LOOK
        with self._lock:
            ours = set(self._newest)
        self.tables.retire_idle(SILENT_MINUTES, but=ours)

    def begin_anew(self) -> None:
        """In a forked process: count nothing of the parent's, and wait for no lock that nobody holds here."""
        self._lock = threading.Lock()
        for held in self._held:
            held.begin_anew()
        self.tables.clear()
        self.dropped.clear()
        self.overflowed.clear()
        self.persisted = self.closing = None
        for call in self.on_fork:
            harmless(call)


def _check(labels: "Mapping[str, str]") -> None:
    # A wrong one found later would break the metrics page, far from whoever wrote it.
    for name, value in labels.items():
        if not isinstance(value, str):
            raise TypeError(f"label {name!r} must be a string, got {value!r}")
        if not is_text(value):
            raise ValueError(f"label {name!r} must be of whole characters, got {value!r}")
        if not is_label_name(name):
            raise ValueError(
                f"label {name!r} must be a word of letters, digits and _, and not one of {TAKEN_NAMES}"
            )
