"""What was pushed, as Prometheus metrics, made when somebody asks."""

from typing import TYPE_CHECKING

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.registry import Collector

from actors.node.otlp.stream import Verdict
from supervisor.clock import monotonic

if TYPE_CHECKING:
    from collections.abc import Iterator

    from prometheus_client import Metric

    from actors.node.otlp.pushes import Pushes


class PushCollector(Collector):
    """`slokeeper_peer_instances{peer, state}` and `slokeeper_pushed_points_total{verdict}`."""

    def __init__(self, pushes: "Pushes") -> None:
        self._pushes = pushes

    def collect(self) -> "Iterator[Metric]":
        """Count the instances of each service, and what became of their points."""
        instances = GaugeMetricFamily(
            "slokeeper_peer_instances",
            "Processes of a service that push, heard or silent for more than three of their intervals.",
            labels=["peer", "state"],
        )
        for service, up, unknown in self._pushes.instances(monotonic()):
            instances.add_metric([service, "up"], up)
            instances.add_metric([service, "unknown"], unknown)
        points = CounterMetricFamily(
            "slokeeper_pushed_points", "Points that were pushed, by what became of them.", labels=["verdict"]
        )
        for verdict in Verdict:
            points.add_metric([verdict], self._pushes.verdicts[verdict])
        points.add_metric(["refused"], self._pushes.refused)
        yield instances
        yield points
