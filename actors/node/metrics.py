"""The node's own health as Prometheus metrics, made when somebody asks."""

from typing import TYPE_CHECKING, cast

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.registry import Collector

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from prometheus_client import Metric

    from actors.node.peer import PeerStatus


class PeerCollector(Collector):
    """`slokeeper_peer_up{peer}`: 1 for a peer that is heard, 0 for one that is unknown."""

    def __init__(self, statuses: "Callable[[], Iterable[PeerStatus]]") -> None:
        self._statuses = statuses

    def collect(self) -> "Iterator[Metric]":
        """Ask every peer's status."""
        up = GaugeMetricFamily(
            "slokeeper_peer_up",
            "1 while the peer answers, 0 when it is unknown: neither good nor bad.",
            labels=["peer"],
        )
        for status in self._statuses():
            up.add_metric([status.name], 1 if status.state == "up" else 0)
        yield up


class ActorCollector(Collector):
    """`slokeeper_actor_restarts_total{path}` and `slokeeper_actor_mailbox_messages{path}` of a whole tree."""

    def __init__(self, tree: "Callable[[], Mapping[str, object]]") -> None:
        self._tree = tree

    def collect(self) -> "Iterator[Metric]":
        """Walk the tree, as `NodeView.tree` tells it."""
        restarts = CounterMetricFamily(
            "slokeeper_actor_restarts", "Restarts of an actor since the start.", labels=["path"]
        )
        waiting = GaugeMetricFamily(
            "slokeeper_actor_mailbox_messages", "Messages that wait in an actor's mailbox.", labels=["path"]
        )
        for node in _walk(self._tree()):
            path = str(node["path"])
            restarts.add_metric([path], cast("int", node["restarts"]))
            waiting.add_metric([path], cast("int", node["mailbox"]))
        yield restarts
        yield waiting


def _walk(node: "Mapping[str, object]") -> "Iterator[Mapping[str, object]]":
    yield node
    for child in cast("Iterable[Mapping[str, object]]", node["children"]):
        yield from _walk(child)
