"""The actor that has actions run: it writes that they are to be, and only then runs them."""

import logging
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Final

import structlog

from actors.policy import ledger
from actors.policy.attempt import attempt
from actors.policy.decision import decide
from actors.posting import MAX_RETRY_AFTER, RetryDelay
from actors.receivers.outcome import Delivered, GivenUp, RetryLater
from actors.storage import StorageError, transact
from supervisor import telemetry
from supervisor.clock import Timeline
from supervisor.errors import CallFailedError, CallTimeoutError, NoProcessError
from supervisor.process import Actor, Continue

if TYPE_CHECKING:
    import random
    import sqlite3
    from collections.abc import Callable

    import httpx

    from actors.policy.action import Action, Actions
    from actors.policy.decision import Decision, EdgeKey
    from actors.policy.edge import Edge
    from actors.policy.ledger import End, OwedRun
    from actors.policy.standing import Standing
    from actors.receivers.outcome import Outcome
    from supervisor.clock import Seconds
    from supervisor.process import ActorRef, Timer

log = structlog.get_logger(__name__)

STORAGE_PAUSE: "Final[Seconds]" = 1.0
"""Until a storage that did not answer is asked again."""
MOST_CALLS: Final = 3
"""So often a function is called whose call never ended, since the process did meanwhile."""

_LOG: Final = {
    "done": (logging.INFO, "action done"),
    "retry": (logging.WARNING, "action not taken yet"),
    "failed": (logging.ERROR, "action failed"),
}
_SILENCE = (NoProcessError, CallTimeoutError, CallFailedError, StorageError)


@dataclass(frozen=True, slots=True)
class Standings:
    """Cast to the actor: how the budgets stood at one evaluation.

    Attributes:
        standings: Of every group of the objectives that any action looks at.
        at: When it was evaluated, unix seconds.
    """

    standings: "tuple[Standing, ...]"
    at: "Seconds"


class _Next:
    """To itself: see what is due. Only the one that was planned last counts."""

    __slots__ = ()


class Policy(Actor):
    """Decides which actions are to be run, writes that, and runs one after the other.

    A run that was written is begun at least once, also by a process that comes after this one; all its
    attempts have the same id. A webhook is tried again as its answer means, until it is given up; a function
    is called once, and again only if the process ended in the middle. What fails is in the record and in the
    log, and harms nobody.

    Every evaluation says anew how the budgets stand: one that is lost, or that the storage did not take,
    costs a minute and no run.

    Args:
        actions: All there are; looked into at every evaluation.
        storage: Where the record is.
        client: Sends the requests; the application's, so that a kill leaves none open.
        rng: Where the jitter of the waits comes from.
        delay: How long to wait after a failure that may pass.

    Emits:
        ("action", "decided"): measurement `count`; metadata `action`, `slo`, `labels`, `run`.
        ("action", "done"), ("action", "retry") and ("action", "failed"): measurement `attempts`; metadata
            `action`, `slo`, `labels`, `run`, `answer`.
    """

    def __init__(
        self,
        actions: "Actions",
        storage: "ActorRef",
        *,
        client: "httpx.AsyncClient",
        rng: "random.Random",
        delay: RetryDelay | None = None,
    ) -> None:
        self._actions, self._storage, self._client, self._rng = actions, storage, client, rng
        self._delay = delay or RetryDelay()
        self._timeline = Timeline()
        self._edges: dict[EdgeKey, Edge] | None = None
        self._unrecorded: Callable[[sqlite3.Connection], None] | None = None
        self._timer: Timer | None = None
        self._next: _Next | None = None

    def init(self) -> Continue:
        """See what an earlier incarnation, or an earlier process, left to be done."""
        return Continue()

    async def handle_continue(self, argument: object) -> None:  # noqa: ARG002
        """Take the first step."""
        await self._step()

    async def handle_cast(self, message: object) -> None:
        """Decide, write, and run what is due."""
        if not isinstance(message, Standings):
            super().handle_cast(message)
            return
        try:
            decision = await self._decide(message)
        except _SILENCE as error:
            self._edges = None  # what was to be written may be written: look before deciding again
            self._storage_is_silent(error)
            return
        if decision.runs:
            await self._step()

    async def handle_info(self, message: object) -> None:
        """The next step is due; one that was planned before is not."""
        if message is self._next:
            await self._step()

    async def _decide(self, message: Standings) -> "Decision":
        if self._edges is None:
            self._edges = await transact(self._storage, ledger.edges)
        decision = decide(self._actions, self._edges, message.standings, message.at)
        if decision.edges:
            await transact(self._storage, partial(ledger.put, decision=decision))
            self._edges.update(decision.edges)
        for run in decision.runs:
            metadata = {"action": run.action, "slo": run.event.slo, "labels": dict(run.event.labels)}
            log.warning("action to be run", **metadata, run=run.event.id, why=run.event.why)
            telemetry.execute(("action", "decided"), {"count": 1}, metadata | {"run": run.event.id})
        return decision

    async def _step(self) -> None:
        try:
            await self._record()
            owed = await transact(self._storage, ledger.next_owed)
            if owed is None:
                return
            wait = owed.next_attempt_at - self._timeline.now()
            if wait > 0:
                self._plan(min(wait, MAX_RETRY_AFTER))
                return
            await self._attempt(owed)
            await self._record()
        except _SILENCE as error:
            self._storage_is_silent(error)
        else:
            self._plan(0.0)  # let what has come in meanwhile go first

    async def _attempt(self, owed: "OwedRun") -> None:
        action = self._actions.get(owed.run.action)
        if action is None:
            self._ended("failed", owed, "there is no such action any more")
        elif action.function is not None and owed.attempts >= MOST_CALLS:
            self._ended("failed", owed, f"whoever called it ended during each of {MOST_CALLS} calls")
        else:
            owed = replace(owed, attempts=owed.attempts + 1)
            await transact(
                self._storage, partial(ledger.mark_begun, run_id=owed.run.event.id, attempts=owed.attempts)
            )
            self._take(owed, action, *await attempt(action, owed.run, self._client))

    def _take(self, owed: "OwedRun", action: "Action", outcome: "Outcome", answer: str) -> None:
        """Note what became of an attempt, to be written before the next one."""
        match outcome:
            case Delivered():
                self._ended("done", owed, answer)
            case GivenUp():
                self._ended("failed", owed, answer)
            case RetryLater(after):
                now = self._timeline.now()
                again = now + self._delay.draw(owed.attempts, after, self._rng)
                if again > owed.run.event.at + action.give_up_after:
                    self._ended("failed", owed, f"{answer}; given up after {action.give_up_after:g} s")
                    return
                self._tell("retry", owed, answer)
                self._unrecorded = partial(
                    ledger.mark_again, run_id=owed.run.event.id, at=again, answer=answer
                )

    def _ended(self, end: "End", owed: "OwedRun", answer: str) -> None:
        self._tell(end, owed, answer)
        self._unrecorded = partial(
            ledger.mark_ended, run_id=owed.run.event.id, end=end, now=self._timeline.now(), answer=answer
        )

    async def _record(self) -> None:
        if self._unrecorded is not None:
            await transact(self._storage, self._unrecorded)
            self._unrecorded = None

    def _plan(self, seconds: "Seconds") -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._next = _Next()
        self._timer = self.send_after(self._next, seconds)

    def _storage_is_silent(self, error: Exception) -> None:
        log.warning("record of actions does not answer", error=str(error))
        self._plan(STORAGE_PAUSE)

    def _tell(self, what: str, owed: "OwedRun", answer: str) -> None:
        event = owed.run.event
        metadata = {"action": owed.run.action, "slo": event.slo, "labels": dict(event.labels)}
        metadata |= {"run": event.id, "answer": answer}
        level, text = _LOG[what]
        log.log(level, text, **metadata, attempts=owed.attempts)
        telemetry.execute(("action", what), {"attempts": owed.attempts}, metadata)
