"""The tree of a node, as specs."""

import random
from typing import TYPE_CHECKING, Final

from actors.alerting import Dispatcher
from actors.config import METRICS_PATH, headers_in
from actors.node import HttpServer, PushWatch, Scraper
from actors.policy import Policy
from actors.receivers import Queue, Receiver, build_destination
from actors.recording import Recorder, TableKeeper
from actors.slo import SLOMonitor
from actors.storage import Storage
from supervisor.tree import Backoff, ChildSpec, Supervisor

if TYPE_CHECKING:
    from collections.abc import Iterable

    from actors.application.application import Application
    from actors.config import OtlpSettings
    from supervisor.process import Actor
    from supervisor.tree import Strategy

PATIENCE: Final = Backoff(initial=0.01, factor=2.0, maximum=5.0)
"""Between restarts of an actor of ours: the first at once, a crash loop ever more slowly."""
MAX_RESTARTS: Final = 20
MAX_SECONDS: Final = 10.0
STORAGE: Final = "storage"
DISPATCHER: Final = "alerting/dispatcher"
POLICY: Final = "policy"
MONITOR: Final = "slo/monitor"


def root_spec(application: "Application") -> ChildSpec:
    """The whole tree: who starts first is what the others write to, and stops last."""
    children = [
        worker("storage", Storage, application.database),
        _recording(application),
        _slo(application),
        _alerting(application),
        _policy(application),
        _node(application),
    ]
    return supervisor("root", children)


def worker(child_id: str, start: "type[Actor]", *args: object, **kwargs: object) -> ChildSpec:
    """An actor of ours: its mailbox outlives a crash, and a crash loop does not starve the rest."""
    return ChildSpec(child_id, start, args, kwargs, backoff=PATIENCE, mailbox="keep")


def supervisor(
    child_id: str, children: "Iterable[ChildSpec]", strategy: "Strategy" = "one_for_one"
) -> ChildSpec:
    """A supervisor that bears a chaos test: twenty restarts within ten seconds."""
    return Supervisor.spec(
        child_id,
        tuple(children),
        strategy=strategy,
        max_restarts=MAX_RESTARTS,
        max_seconds=MAX_SECONDS,
    )


def _recording(application: "Application") -> ChildSpec:
    node, recordings = application.settings.node, application.recordings
    keeper = worker(
        "tables",
        TableKeeper,
        recordings,
        application.timeline,
        node.evaluate_every,
        application.minute_closed,
        application.persist,
    )
    children = [keeper, worker("recorder", Recorder, recordings, node.drain_every)]
    if application.settings.otlp is not None:
        children.append(_pusher(application, application.settings.otlp))
    if application.tracing is not None:
        from actors.recording.tracing import SpanSender  # noqa: PLC0415  heavy, and only for who traces

        children.append(worker("spans", SpanSender, application.tracing))
    return supervisor("recording", children, "rest_for_one")


def _pusher(application: "Application", otlp: "OtlpSettings") -> ChildSpec:
    from actors.recording.otlp import Destination, Pusher  # noqa: PLC0415  needs an extra, and only who pushes

    destination = Destination(
        otlp.endpoint + METRICS_PATH,
        otlp.timeout,
        application.sending,
        is_packed=otlp.compression == "gzip",
        headers=headers_in(otlp.headers.reveal()) if otlp.headers else {},
    )
    return worker(
        "pusher",
        Pusher,
        application.recordings,
        application.identity,
        destination,
        push_every=otlp.push_every,
        rng=random.Random(),
    )


def _slo(application: "Application") -> ChildSpec:
    monitor = worker(
        "monitor",
        SLOMonitor,
        application.evaluator,
        application.evaluated,
        application.persist_evaluated,
        application.is_partial,
    )
    return supervisor("slo", [monitor])


def _alerting(application: "Application") -> ChildSpec:
    settings = application.settings
    receivers = [
        worker(
            one.name,
            Receiver,
            one.name,
            build_destination(one, source=settings.node.name),
            queue=Queue(application.ref(STORAGE), one.name),
            client=application.sending,
            rng=random.Random(),
        )
        for one in settings.receivers
    ]
    dispatcher = worker("dispatcher", Dispatcher, settings.route, is_expected=application.is_expected)
    return supervisor("alerting", [dispatcher, supervisor("receivers", receivers)], "rest_for_one")


def _policy(application: "Application") -> ChildSpec:
    return worker(
        POLICY,
        Policy,
        application.hooks,
        application.ref(STORAGE),
        client=application.sending,
        rng=random.Random(),
    )


def _node(application: "Application") -> ChildSpec:
    scrapers = [
        worker(peer.name, Scraper, peer, application.tables, application.scraping)
        for peer in application.scraped
    ]
    children = [supervisor("peers", scrapers)]
    if application.address is not None:
        children.append(worker("pushes", PushWatch, application.pushes))
        children.append(worker("http", HttpServer, application.address, application.app))
    return supervisor("node", children, "rest_for_one")
