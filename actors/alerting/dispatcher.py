"""The actor that decides whom to wake: it writes that down, and only then tells anybody."""

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Final

import structlog

from actors.alerting import ledger, outbox
from actors.alerting.alert import dedup_key
from actors.alerting.decision import Change, Decision
from actors.alerting.outbox import NOT_CONFIGURED, bury_orphans
from actors.alerting.route import all_receivers
from actors.alerting.signals import AlertSignal, Signals
from actors.storage import StorageError, transact
from supervisor import telemetry
from supervisor.clock import Timeline
from supervisor.errors import CallFailedError, CallTimeoutError, NoProcessError
from supervisor.process import Actor, Continue

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable, Mapping

    from actors.config import RouteSettings
    from supervisor.clock import Seconds

log = structlog.get_logger(__name__)

STORAGE_PAUSE: "Final[Seconds]" = 1.0
"""Until a storage that did not answer, or refused, is asked again."""

KEPT: "Final[Seconds]" = 30 * 86_400.0
"""As long as what is over is shown."""
FORGET_EVERY: "Final[Seconds]" = 3600.0

_SILENCE = (NoProcessError, CallTimeoutError, CallFailedError, StorageError)


@dataclass(frozen=True, slots=True)
class Wake:
    """Cast to a receiver: something has been written for it."""


@dataclass(frozen=True, slots=True)
class _Again:
    """To itself: the storage is to be asked again."""


class Dispatcher(Actor):
    """Takes the alerts through their lives, and decides who is told.

    It holds nothing that could be lost with it: the alerts are in the storage, and every evaluation says
    anew how the conditions stand. What changed and who is owed a word of it is written in one transaction,
    and nobody is woken before that. Receivers are woken once more at its start, for a wake that was lost.

    At its start, open alerts that nobody speaks of any more are resolved, and once an hour what is over for
    thirty days is forgotten.

    While the storage is silent the newest condition of each alert is kept, and decided when it is back.

    Args:
        route: Whom alerts concern; None concerns nobody.
        wake: Tells a receiver of that name to look into the outbox; None casts `Wake` to
            `"alerting/receivers/<name>"`.
        is_expected: Whether an alert of these labels can be spoken of at all; None expects any.

    Emits:
        ("alert", "changed"): measurement `count`; metadata `dedup_key`, `labels`, `before`, `after`,
            `receivers`.
        ("alert", "outbox", "orphaned"): measurement `count`, rows given up; metadata `receiver`.
        ("alert", "storage", "silent"): measurement `undecided`, conditions that wait; metadata `error`.
    """

    def __init__(
        self,
        route: "RouteSettings | None",
        wake: "Callable[[str], None] | None" = None,
        *,
        is_expected: "Callable[[Mapping[str, str]], bool] | None" = None,
    ) -> None:
        self._is_expected = is_expected
        self._next_forgetting: Seconds = 0.0
        self._route, self._receivers = route, all_receivers(route)
        self._wake = wake or self._cast_wake
        self._timeline = Timeline()
        self._undecided: dict[str, AlertSignal] = {}
        self._is_in_order = False
        self._is_pausing = False

    def init(self) -> Continue:
        """Put the outbox in order first, but let nobody wait for it at the start."""
        return Continue()

    async def handle_continue(self, argument: object) -> None:  # noqa: ARG002
        """What an earlier run left behind."""
        await self._decide()

    async def handle_cast(self, message: object) -> None:
        """Take the conditions of one evaluation."""
        match message:
            case Signals(signals):
                self._undecided |= {
                    dedup_key(one.labels): one for one in signals if one.is_active is not None
                }
                if not self._is_pausing:
                    await self._decide()
            case _:
                log.warning("message not understood", actor=self.path, message=type(message).__name__)

    async def handle_info(self, message: object) -> None:
        """The pause for the storage is over."""
        if isinstance(message, _Again):
            self._is_pausing = False
            await self._decide()

    async def _decide(self) -> None:
        try:
            if not self._is_in_order:
                await self._put_in_order()
            if self._undecided:
                await self._write()
            await self._forget()
        except _SILENCE as error:
            self._storage_is_silent(error)

    async def _put_in_order(self) -> None:
        """Give up, loudly, what is owed to receivers that are gone, and have the others look for theirs."""
        bury = partial(bury_orphans, receivers=self._receivers, now=self._timeline.now())
        orphans = await transact(self.ref("storage"), bury)
        if self._is_expected is not None:
            for labels, annotations in await transact(self.ref("storage"), ledger.open_alerts):
                if not self._is_expected(labels):
                    self._undecided.setdefault(
                        dedup_key(labels), _over(labels, annotations, self._timeline.now())
                    )
        self._is_in_order = True
        for receiver in self._receivers:
            self._wake(receiver)
        self._tell_orphans(orphans)

    async def _write(self) -> None:
        signals = tuple(self._undecided.values())
        decision = Decision(signals, self._route, self._timeline.now())
        decided = await transact(self.ref("storage"), decision)
        self._undecided.clear()
        for receiver in dict.fromkeys(name for change in decided.changes for name in change.receivers):
            self._wake(receiver)
        for change in decided.changes:
            self._tell(change)
        self._tell_orphans(decided.orphans)

    async def _forget(self) -> None:
        now = self._timeline.now()
        if now >= self._next_forgetting:
            await transact(self.ref("storage"), partial(_forget, before=now - KEPT))
            self._next_forgetting = now + FORGET_EVERY

    def _tell(self, change: Change) -> None:
        metadata = {
            "dedup_key": change.dedup_key,
            "labels": dict(change.labels),
            "before": change.before,
            "after": change.after,
            "receivers": change.receivers,
        }
        log.info("alert changed", **metadata)
        telemetry.execute(("alert", "changed"), {"count": 1}, metadata)

    def _tell_orphans(self, orphans: "Mapping[str, int]") -> None:
        for receiver, count in orphans.items():
            log.error("notifications given up", receiver=receiver, count=count, why=NOT_CONFIGURED)
            telemetry.execute(("alert", "outbox", "orphaned"), {"count": count}, {"receiver": receiver})

    def _storage_is_silent(self, error: Exception) -> None:
        undecided = len(self._undecided)
        log.error("alerts cannot be decided", error=str(error), undecided=undecided)
        telemetry.execute(("alert", "storage", "silent"), {"undecided": undecided}, {"error": str(error)})
        self._is_pausing = True
        self.send_after(_Again(), STORAGE_PAUSE)

    def _cast_wake(self, receiver: str) -> None:
        self.ref(f"alerting/receivers/{receiver}").cast(Wake())


def _over(labels: "Mapping[str, str]", annotations: "Mapping[str, str]", now: "Seconds") -> AlertSignal:
    said = {**annotations, "summary": f"{labels.get('slo', 'its objective')} is not configured any more"}
    return AlertSignal(labels, said, is_active=False, at=now, resolve_hold=0.0)


def _forget(connection: "sqlite3.Connection", before: "Seconds") -> None:
    outbox.forget(connection, before)
    ledger.forget(connection, before)
