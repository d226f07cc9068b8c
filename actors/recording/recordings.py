"""The models of a process, and the way from their buffers to the tables."""

import asyncio
import os
import re
import threading
from collections import Counter
from typing import TYPE_CHECKING, Final
from weakref import WeakSet

from actors.recording.predict import HEARD, Declaration, Model
from actors.recording.series import SeriesKey, is_text
from supervisor.clock import monotonic

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from actors.recording.counts import Taken
    from actors.recording.tables import Tables
    from actors.recording.tracing import Tracing
    from supervisor.clock import Seconds

_LABEL_NAME: Final = re.compile("(?!__)[a-zA-Z_][a-zA-Z0-9_]*")
_TAKEN: Final = ("le", "quantile")
CHUNK: Final = 4096
"""Of each kind of prediction so many are counted in one step: well under a millisecond."""
MANY: Final = 256
"""So many series that have nothing to count are passed by in one step."""


class Recordings:
    """The models of this process and the tables that their predictions are counted in.

    Made by the application; it outlives every incarnation of the recorder. A process that is forked off
    begins with nothing counted: what its parent had counted, and had yet to count, stays the parent's.

    Args:
        tables: Where predictions are counted.
        tracing: Which predictions are traced; None if none is, ever.

    Attributes:
        persisted: Up to here every minute that counted anything is in storage; None before the first.
        drained_at: When the buffers were last found empty, monotonic seconds; None before the first time.
        overflowed: By model, how many predictions had labels that got no series of their own.
        dropped: By series, how many predictions were dropped uncounted because nobody drained.
        on_fork: Called in a process that was forked off, once nothing is counted there.
    """

    def __init__(self, tables: "Tables", *, tracing: "Tracing | None" = None) -> None:
        self.tables = tables
        self.persisted: int | None = None
        self.drained_at: Seconds | None = None
        self.dropped: Counter[SeriesKey] = Counter()
        self.overflowed: Counter[str] = Counter()
        self.on_fork: list[Callable[[], object]] = []
        self._tracing = tracing
        self._models: dict[SeriesKey, Model] = {}
        self._lock = threading.Lock()
        _all.add(self)

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
        """Of every model that was made so far; from any thread."""
        return tuple(self._models)

    def _model(self, key: SeriesKey, declaration: Declaration) -> Model:
        with self._lock:
            if key not in self._models:
                labelled = Declaration(invalid=declaration.invalid)
                self._models[key] = Model(
                    key,
                    declaration,
                    tracing=None if self._tracing is None else self._tracing.of(key),
                    make=lambda other: self._model(other, labelled),
                )
            return self._models[key]

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
        for _ in self._steps():
            await asyncio.sleep(0)

    def _steps(self) -> "Iterator[None]":
        HEARD.set_clock()
        for passed, (key, model) in enumerate(tuple(self._models.items()), start=1):
            while (taken := self._take(model)) is not None:
                self.tables.add_taken(key, taken)
                if model.is_overflow:
                    self.overflowed[key.model] += taken.predictions
                yield
            if passed % MANY == 0:
                yield
        self.drained_at = monotonic()

    def _take(self, model: Model) -> "Taken | None":
        with self._lock:
            return model.buffers.take(CHUNK)

    # --- when counting goes wrong -------------------------------------------------------------------------

    def trim(self, most: int) -> int:
        """Drop what any buffer holds above so many predictions; from any thread.

        Returns:
            How many were dropped; by series they are in `dropped`.
        """
        total = 0
        for key, model in tuple(self._models.items()):
            with self._lock:
                dropped = model.buffers.trim(most)
            if dropped:
                self.dropped[key] += dropped
                total += dropped
        return total

    def _forked(self) -> None:
        self._lock = threading.Lock()  # whoever held it does not run here
        for model in self._models.values():
            model.forked()
        self.tables.clear()
        self.dropped.clear()
        self.overflowed.clear()
        self.persisted = self.drained_at = None
        for call in self.on_fork:
            call()


_all: "WeakSet[Recordings]" = WeakSet()


def _forked() -> None:
    for recordings in tuple(_all):
        recordings._forked()  # noqa: SLF001  its own module's


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forked)


def _check(labels: "Mapping[str, str]") -> None:
    # A wrong one found later would break the metrics page, far from whoever wrote it.
    for name, value in labels.items():
        if not isinstance(value, str):
            raise TypeError(f"label {name!r} must be a string, got {value!r}")
        if not is_text(value):
            raise ValueError(f"label {name!r} must be of whole characters, got {value!r}")
        if not _LABEL_NAME.fullmatch(name) or name in _TAKEN:
            raise ValueError(
                f"label {name!r} must be a word of letters, digits and _, and not one of {_TAKEN}"
            )
