"""The part of a node that alerts, as a tree of its own."""

import random
from collections.abc import Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from actors.alerting import AlertSignal, Dispatcher, Notification, Signals, alerts_rows, outbox_counts
from actors.config import RouteSettings
from actors.posting import create_client
from actors.receivers import Queue, Receiver
from actors.receivers.outcome import Delivered, Outcome
from actors.storage import Database, Storage
from supervisor.clock import unix_now
from supervisor.process import ActorSystem
from supervisor.tree import Backoff, ChildSpec, Strategy, Supervisor, Tree, start_tree

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    import httpx

    from actors.posting import RetryDelay
    from actors.receivers.destination import Destination

LABELS = {"slo": "checkout", "sli": "latency", "model": "fraud", "severity": "page"}
HOLD = 300.0


def signal(is_active: bool | None, at: float | None = None, **labels: str) -> AlertSignal:
    """How the condition of one alert stands; now, if not said otherwise."""
    return AlertSignal(
        labels={**LABELS, **labels},
        annotations={"summary": f"{labels or 'checkout'} burns"},
        is_active=is_active,
        at=unix_now() if at is None else at,
        resolve_hold=HOLD,
    )


@dataclass
class Mailroom:
    """A destination that takes everything, or answers as a script says, and remembers.

    Attributes:
        script: Outcomes of the first attempts; all later ones are delivered.
        taken: What it took, in order.
        attempts: When it was asked, loop time, and for what.
    """

    script: list[Outcome] = field(default_factory=list)
    taken: list[Notification] = field(default_factory=list)
    attempts: list[tuple[float, Notification]] = field(default_factory=list)

    async def send(self, notification: Notification, client: "httpx.AsyncClient") -> Outcome:
        del client
        self.attempts.append((unix_now(), notification))
        outcome = self.script.pop(0) if self.script else Delivered()
        if outcome == Delivered():
            self.taken.append(notification)
        return outcome

    @property
    def told(self) -> list[str]:
        """The statuses taken, in order."""
        return [one.status for one in self.taken]


@dataclass(frozen=True)
class House:
    """A tree that runs."""

    tree: Tree

    def say(self, *signals: AlertSignal) -> None:
        """One evaluation."""
        self.tree.ref("alerting/dispatcher").cast(Signals(signals))

    async def alerts(self) -> list[Mapping[str, object]]:
        return await alerts_rows(self.tree.ref("storage"))

    async def counts(self) -> Mapping[str, Mapping[str, int]]:
        return await outbox_counts(self.tree.ref("storage"))


@asynccontextmanager
async def house(
    destinations: "Mapping[str, Destination] | None" = None,
    *,
    route: RouteSettings | None = None,
    database: Database | None = None,
    delay: "RetryDelay | None" = None,
    is_expected: "Callable[[Mapping[str, str]], bool] | None" = None,
) -> "AsyncIterator[House]":
    """Storage, dispatcher and one receiver for each destination, supervised as in a node.

    Args:
        destinations: By receiver.
        route: None tells the first of them of everything.
        database: None for one in memory; one that is handed in is left open.
        delay: The receivers' patience.
        is_expected: As the dispatcher has it.
    """
    destinations = destinations or {}
    if route is None and destinations:
        route = RouteSettings(receiver=next(iter(destinations)))
    own = database or Database(None)
    own.open()
    system = ActorSystem()
    async with create_client() as client:
        options = {"client": client, "rng": random.Random(7), "delay": delay}
        receivers = [
            worker(name, Receiver, name, destination, queue=Queue(system.ref("storage"), name), **options)
            for name, destination in destinations.items()
        ]
        dispatcher = worker("dispatcher", Dispatcher, route, is_expected=is_expected)
        alerting = [dispatcher, supervisor("receivers", receivers)]
        root = supervisor("root", [worker("storage", Storage, own), supervisor("alerting", alerting)])
        try:
            async with start_tree(root, system) as tree:
                yield House(tree)
        finally:
            if database is None:
                own.close()


def worker(child_id: str, start: type, *args: object, **kwargs: object) -> ChildSpec:
    return ChildSpec(child_id, start, args, kwargs, backoff=Backoff(initial=0.01, jitter=0.0), mailbox="keep")


def supervisor(child_id: str, children: list[ChildSpec]) -> ChildSpec:
    strategy: Strategy = "rest_for_one" if child_id == "alerting" else "one_for_one"
    return Supervisor.spec(child_id, children, strategy=strategy, max_restarts=100, max_seconds=1.0)
