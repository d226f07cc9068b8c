"""A world of one model, one objective and its alerts, on virtual time."""

import asyncio
import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from functools import cache
from typing import TYPE_CHECKING, TypeAlias

import structlog

from actors.recording import Recordings, ScaledTimeline, TableKeeper, Tables
from actors.slo import Evaluated, Evaluator, Judgement, Minute, SLOMonitor, objective_from
from supervisor.testing import VirtualTimeLoop
from supervisor.tree import ChildSpec, Supervisor, start_tree

if TYPE_CHECKING:
    from actors.config.settings import ObjectiveSettings
    from actors.recording.predict import Model

Span: TypeAlias = tuple[int, int | None]
MinuteOf: TypeAlias = Mapping[int, tuple[int, int]]
"""(bad, total) of each minute since the beginning that is not as usual."""

GOOD_SECONDS, BAD_SECONDS = 0.02, 0.25
HALF_A_MINUTE = 30.0
A_MOMENT = 1.0
"""In which a minute that is over has been closed and judged, step by step."""


class PredictionError(Exception):
    """The model failed."""


class World:
    """Everything between a prediction and an alert.

    Args:
        settings: The objective; what is bad fails if it is availability, and is slow if it is latency.
        usual: Predictions of a minute in which nothing is said otherwise.

    Attributes:
        rules: When each rule was true, by its windows: minutes of the beginning and the end.
        alerts: When each severity's alert fired and resolved, likewise.
        judgement: The newest.
    """

    def __init__(self, settings: "ObjectiveSettings", usual: int = 1000) -> None:
        self._settings, self._usual = settings, usual
        self.rules: dict[str, list[Span]] = {}
        self.alerts: dict[str, list[Span]] = {"page": [], "ticket": []}
        self.judgement: Judgement
        self.judged = 0
        self._first = 0

    async def live(self, minutes: int, events: MinuteOf) -> None:
        """Let so many minutes of traffic pass."""
        tables = Tables([] if self._settings.threshold is None else [self._settings.threshold])
        recordings, timeline = Recordings(tables), ScaledTimeline()
        self._first = timeline.minute()
        keeper = ChildSpec("tables", TableKeeper, (recordings, timeline, 60.0, self._closed))
        self._evaluator = Evaluator([objective_from(self._settings)], tables)
        monitor = ChildSpec("monitor", SLOMonitor, (self._evaluator, self._report))
        async with start_tree(Supervisor.spec("root", [keeper, monitor])) as tree:
            self._monitor = tree.ref("monitor")
            await self._predict(recordings, minutes, events)
            await asyncio.sleep(HALF_A_MINUTE + A_MOMENT)

    async def _predict(self, recordings: Recordings, minutes: int, events: MinuteOf) -> None:
        """In the middle of each minute: one prediction as a span, the others as what spans leave behind."""
        model = recordings.model("fraud", "1")
        fails = self._settings.sli == "availability"
        for minute in range(minutes):
            await asyncio.sleep(HALF_A_MINUTE if minute == 0 else 2 * HALF_A_MINUTE)
            bad, total = events.get(minute, (0, self._usual))
            if fails and bad == total:
                _fail(model)
                bad, total = bad - 1, total - 1
            elif bad < total:
                _succeed(model)
                total -= 1
            model.buffers.ok.extend(_took(total - bad))
            if bad:
                (model.buffers.errors if fails else model.buffers.ok).extend(_took(bad, slow=True))

    def _closed(self, minute: int) -> None:
        self._monitor.cast(Minute(minute))

    def _report(self, _: Evaluated) -> None:
        (self.judgement,) = self._evaluator.judgements()
        self.judged += 1
        tick = self.judgement.minute + 1 - self._first
        for rule in self.judgement.rules:
            _note(self.rules.setdefault(rule.rule.name, []), tick, is_on=rule.is_true is True)
        active = {(one.severity, one.is_active) for one in self._evaluator.conditions()}
        for severity, spans in self.alerts.items():
            _note(spans, tick, is_on=(severity, True) in active)


def run(world: World, minutes: int, events: MinuteOf) -> World:
    """Live on a loop of its own, whose time costs nothing, and quietly: a line a minute would be many."""
    with quiet(), asyncio.Runner(loop_factory=VirtualTimeLoop) as runner:
        runner.run(world.live(minutes, events))
    return world


@contextmanager
def quiet() -> Iterator[None]:
    """Nothing below an error is logged in the block."""
    before = structlog.get_config()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    try:
        yield
    finally:
        structlog.configure(**before)


@cache
def _took(predictions: int, *, slow: bool = False) -> tuple[float, ...]:
    return (BAD_SECONDS if slow else GOOD_SECONDS,) * predictions


def _note(spans: list[Span], tick: int, *, is_on: bool) -> None:
    was_on = bool(spans) and spans[-1][1] is None
    if is_on and not was_on:
        spans.append((tick, None))
    elif was_on and not is_on:
        spans[-1] = (spans[-1][0], tick)


def _succeed(model: "Model") -> None:
    with model.span():
        pass


def _fail(model: "Model") -> None:
    with suppress(PredictionError), model.span():
        raise PredictionError
