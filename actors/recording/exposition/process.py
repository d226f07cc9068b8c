"""What is to be known of the process that counts."""

import platform
from typing import TYPE_CHECKING

from prometheus_client.core import InfoMetricFamily
from prometheus_client.registry import Collector

from actors.version import __version__

if TYPE_CHECKING:
    from collections.abc import Iterator

    from prometheus_client import Metric


class ProcessCollector(Collector):
    """`slokeeper_build_info{version, python}`; may be read from any thread."""

    def describe(self) -> "Iterator[Metric]":
        """Names only."""
        return self.collect()

    def collect(self) -> "Iterator[Metric]":
        """Say it."""
        yield InfoMetricFamily(
            "slokeeper_build",
            "What counts here.",
            value={"version": __version__, "python": platform.python_version()},
        )
