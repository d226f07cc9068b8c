"""One node: what all incarnations of its actors share, and what can be asked of it.

Nothing here runs by itself. The actors are handed these objects at every start: a kill takes nothing along.
"""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
import structlog

from actors.alerting import Signals, alerts_rows, outbox_counts
from actors.application.noted import Noted
from actors.application.persistence import Persistence, restore
from actors.application.planned import Planned
from actors.application.prediction_log import predictions_logged
from actors.application.salvage import node_database
from actors.application.signals import signals_of
from actors.application.spec import DISPATCHER, MONITOR, POLICY, STORAGE, root_spec
from actors.application.standings import standings_of
from actors.application.traced import spans_recorded, tracing_of
from actors.config import require_otlp
from actors.node import (
    ActorCollector,
    AnnotationsEndpoint,
    ExplainEndpoint,
    ListenAddress,
    ListenError,
    MaintenanceEndpoint,
    Peer,
    PeerCollector,
    PushCollector,
    PushEndpoint,
    Pushes,
    TracingCollector,
    create_app,
)
from actors.node import create_client as create_scraping_client
from actors.policy import Actions, Standings, action_rows
from actors.posting import create_client as create_sending_client
from actors.recording import (
    Exposition,
    Guard,
    Identity,
    RecordingCollector,
    Recordings,
    ScaledTimeline,
    Tables,
)
from actors.recording.steps import in_turns
from actors.slo import Evaluator, Minute, explanation_rows, objective_from, rows_of
from supervisor.clock import Timeline, monotonic, unix_now_ns
from supervisor.errors import StartFailedError
from supervisor.process import ActorSystem
from supervisor.tree import Tree, start_tree

if TYPE_CHECKING:
    import httpx

    from actors.config import Settings
    from actors.node import PeerStatus
    from actors.node.view import Rows
    from actors.slo import Evaluated
    from supervisor.process import ActorRef

log = structlog.get_logger(__name__)


class Application:
    """A node that can be run once.

    Args:
        settings: What stands in `config.toml`.

    Raises:
        ConfigError: A push is configured, and what it is written with is not installed; or the function of an
            action cannot be called.

    Attributes:
        noted: Annotations on the line of time.
        planned: Windows of maintenance.
        recordings: Where predictions of this process are counted; usable before and after the run.
        collector: What is counted, for any registry of Prometheus' client; read from any thread.
        identity: Who counts and traces, for whoever is sent that.
        hooks: What is run when a budget is spent or burns too fast; more may be added.
        tracing: Which predictions are traced; None where `[tracing]` is not.
        supervision: The running tree; set while `running` is entered.
    """

    timeline: ScaledTimeline
    sending: "httpx.AsyncClient"
    scraping: "httpx.AsyncClient"
    supervision: Tree

    def __init__(self, settings: "Settings") -> None:
        self.settings = settings
        node = settings.node
        thresholds = sorted({one.threshold for one in settings.slos if one.threshold is not None})
        self.tables = Tables(thresholds, bounds=node.latency_buckets)
        otlp = settings.otlp
        self.identity = Identity(otlp.service_name, otlp.resource) if otlp else Identity(node.name, {})
        self.tracing = tracing_of(settings.tracing, self.identity)
        self.recordings = Recordings(self.tables, tracing=self.tracing)
        if self.tracing is not None:
            self.recordings.on_fork.append(self.tracing.forget)
        self.database = node_database(Path(node.data_dir) if node.data_dir else None)
        self.scraped = tuple(Peer(one) for one in settings.peers)
        self.hooks = Actions((one.name for one in settings.slos), settings.actions)
        self._objectives = {one.name: one for one in settings.slos}
        self.address = ListenAddress(node.listen) if node.listen else None
        self.pushes = Pushes(
            unix_now_ns(), max_instances=node.max_instances, max_series=node.max_pushed_series
        )
        self.planned = Planned(settings)
        self.evaluator = self._create_evaluator()
        self.noted = Noted(self.database, self.tables, node.name)
        self.app = create_app(
            self,
            PushEndpoint(self.pushes, self.tables),
            AnnotationsEndpoint(self.noted),
            MaintenanceEndpoint(self.planned),
            ExplainEndpoint(self.explain),
        )
        if otlp is not None:
            require_otlp()
        self.collector = RecordingCollector(self.recordings)
        self._exposition = Exposition(
            [self.collector],
            [
                PeerCollector(self.peer_statuses),
                PushCollector(self.pushes),
                ActorCollector(self.tree),
                *([] if self.tracing is None else [TracingCollector(self.tracing.counts)]),
            ],
        )
        self._persistence: Persistence | None = None
        self._wall: Timeline
        self._system: ActorSystem
        self._is_ready = self._is_stopping = False

    @asynccontextmanager
    async def running(self) -> AsyncIterator["Application"]:
        """Run the node on this loop for the length of a block; it is stopped in order when that is left.

        Raises:
            StorageError: The data directory cannot be used.
            ListenError: The address cannot be listened on.
            StartFailedError: Something else did not come up.
            MaxRestartsExceededError: The tree gave up while the block ran.
        """
        async with AsyncExitStack() as stack:
            self._wall, self.timeline = Timeline(), ScaledTimeline(self.settings.node.time_factor)
            self._system, self._is_stopping = ActorSystem(), False
            self.database.open()
            stack.callback(self.database.close)
            self.sending = await stack.enter_async_context(create_sending_client())
            self.scraping = await stack.enter_async_context(create_scraping_client())
            self.planned.started(self.database.connection, self.ref(STORAGE), self.timeline)
            if self.is_durable:
                restore(self.database.connection, self.tables, self.scraped, self.pushes, self.evaluator)
                self._go_on_in_time()
                self._persistence = Persistence(self.tables, self.scraped, self.pushes, self.ref(STORAGE))
                self._persistence.restored()
            self.noted.started(self.ref(STORAGE))
            stack.callback(self.noted.stopped)
            await stack.enter_async_context(spans_recorded(self.tracing))
            if self.settings.node.log_predictions:
                stack.enter_context(predictions_logged())
            self.supervision = await stack.enter_async_context(_started(self, self._system))
            node = self.settings.node
            guard = Guard(self.recordings, drain_every=node.drain_every, most=node.buffer_size)
            stack.enter_context(guard.watching())
            self._is_ready = True
            try:
                yield self
            finally:
                self._is_ready, self._is_stopping = False, True

    def _create_evaluator(self) -> Evaluator:
        return Evaluator(
            [objective_from(one) for one in self.settings.slos],
            self.tables,
            every=max(1, round(self.settings.node.evaluate_every / 60)),
            maintenance=self.planned.maintenance,
        )

    def _go_on_in_time(self) -> None:
        """Never count into minutes that are over, though the wall clock may say that they are to come."""
        newest = self.tables.minute
        ahead = 0.0 if newest is None else self.timeline.go_on_after(newest)
        if ahead:
            log.warning(
                "wall clock is behind what was counted; time goes on from there", seconds=round(ahead)
            )

    def forget_run(self) -> None:
        """In a forked child: drop what belongs to the run of the parent, so that it can be run here too.

        The recordings and their models stay, with nothing counted; a free port is drawn anew.
        """
        self._is_ready = self._is_stopping = False
        self._persistence = None
        self.evaluator = self._create_evaluator()
        self.database.abandon()
        if self.address is not None:
            self.address.forget()

    @property
    def is_durable(self) -> bool:
        """Whether minutes are written: there is a file, and its minutes are the wall clock's."""
        return bool(self.settings.node.data_dir) and self.settings.node.time_factor == 1.0

    # --- what the actors are handed ---------------------------------------------------------------------

    def ref(self, path: str) -> "ActorRef":
        """Whoever stands at a path, now and after restarts."""
        return self._system.ref(path)

    def minute_closed(self, minute: int) -> None:
        """Let every objective judge the minutes up to this one."""
        if self._persistence is not None:
            self._persistence.closed(minute)
            self.noted.minute_closed()
        if self._is_stopping:  # the monitors have gone before
            return
        self.ref(MONITOR).cast(Minute(minute))

    @property
    def persist(self) -> Callable[[int], Awaitable[None]] | None:
        """Writes a closed minute; None where nothing is kept."""
        return None if self._persistence is None else self._persist

    async def _persist(self, minute: int) -> None:
        assert self._persistence is not None
        await self._persistence.persist(minute)
        await self.noted.flush()

    @property
    def persist_evaluated(self) -> "Callable[[Evaluated], Awaitable[None]] | None":
        """Writes what the evaluator holds; None where nothing is kept."""
        return None if self._persistence is None else self._persist_evaluated

    def evaluated(self, _: "Evaluated") -> None:
        """Hand what the objectives say on to the dispatcher, and to the actions that look at them."""
        now = self._wall.now()
        told = signals_of(self.evaluator.conditions(), self.evaluator, self._objectives, at=now)
        self.ref(DISPATCHER).cast(Signals(tuple(told)))
        looked_at = [name for name in self._objectives if self.hooks.look_at(name)]
        if looked_at:
            standings = standings_of(self.evaluator.judgements(looked_at))
            self.ref(POLICY).cast(Standings(standings, now))

    async def _persist_evaluated(self, evaluated: "Evaluated") -> None:
        assert self._persistence is not None
        assert evaluated.minute is not None
        await self._persistence.persist_state(evaluated.minute, self.evaluator.dump(), evaluated.tallies)

    def is_partial(self) -> bool:
        """Whether any peer is not heard at present: what it may have counted is not known."""
        return any(one.state == "unknown" for one in self.peer_statuses())

    def is_expected(self, labels: Mapping[str, str]) -> bool:
        """Whether an alert of these labels may still be spoken of: its objective is configured."""
        return "slo" not in labels or any(one.name == labels["slo"] for one in self.settings.slos)

    # --- what can be asked: the `NodeView` --------------------------------------------------------------

    def is_ready(self) -> bool:
        """Whether the tree has come up, and nobody has asked it to stop."""
        return self._is_ready

    def no_longer_ready(self) -> None:
        """Have `/health/ready` answer 503 from now on."""
        self._is_ready = False

    def tree(self) -> Mapping[str, object]:
        """The supervision tree as plain values."""
        plain: dict[str, object] = msgspec.to_builtins(self.supervision.describe())
        return plain

    async def slos(self) -> "Rows":
        """One row for each objective and group, as last judged; others run while they are made."""
        return await in_turns(rows_of(self.evaluator, self.tables))

    def explain(self, slo: str, labels: Mapping[str, str]) -> "Rows | None":
        """Why each group of an objective stands as it does; None where there is no such objective."""
        if all(one.name != slo for one in self.settings.slos):
            return None
        return explanation_rows(self.evaluator, self.tables, slo, labels)

    async def alerts(self) -> "Rows":
        """One row for each alert that is known."""
        return await alerts_rows(self.ref(STORAGE))

    async def outbox_counts(self) -> Mapping[str, Mapping[str, int]]:
        """By receiver, how many notifications are in each state."""
        return await outbox_counts(self.ref(STORAGE))

    async def actions(self) -> "Rows":
        """One row for each run of an action, the newest first."""
        return await action_rows(self.ref(STORAGE))

    def peers(self) -> "Rows":
        """One row for each peer: scraped ones by their names, those that push by their services."""
        return [asdict(one) for one in self.peer_statuses()]

    def peer_statuses(self) -> "Sequence[PeerStatus]":
        """How each peer stands, the scraped ones first."""
        now = monotonic()
        scraped = [one.status(now) for one in self.scraped]
        return [*scraped, *self.pushes.statuses(now, taken={one.name for one in scraped})]

    async def exposition(self, accept: str) -> tuple[bytes, str]:
        """The metrics page; what was predicted up to this moment is in it."""
        await self.recordings.drain_in_turns()
        return await self._exposition.page(accept)


@asynccontextmanager
async def _started(application: Application, system: ActorSystem) -> AsyncIterator[Tree]:
    try:
        async with start_tree(root_spec(application), system) as tree:
            yield tree
    except StartFailedError as error:
        cause: BaseException | None = error
        while cause is not None and not isinstance(cause, ListenError):
            cause = cause.__cause__
        if cause is not None:
            raise cause from None
        raise
