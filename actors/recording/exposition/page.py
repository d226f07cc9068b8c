"""The metrics page, made when somebody asks."""

import asyncio
from typing import TYPE_CHECKING

from prometheus_client import CollectorRegistry
from prometheus_client.exposition import choose_encoder
from prometheus_client.registry import Collector

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from prometheus_client import Metric


class Exposition:
    """One page of what several collectors have.

    A page of ten thousand series takes a second to write. It is written in a thread, and the loop goes on.

    Args:
        anywhere: Collectors that may be read from any thread; large ones.
        here: Those that must be read on the loop; small ones. They stand at the end of the page.
    """

    def __init__(self, anywhere: "Sequence[Collector]", here: "Sequence[Collector]" = ()) -> None:
        self._anywhere, self._here = tuple(anywhere), tuple(here)

    async def page(self, accept: str) -> tuple[bytes, str]:
        """The page in the format that an `Accept` header asks for, and its content type."""
        registry = CollectorRegistry(auto_describe=False)
        for collector in (*self._anywhere, _Read(self._here)):
            registry.register(collector)
        encode, content_type = choose_encoder(accept)
        return await asyncio.to_thread(encode, registry), content_type


class _Read(Collector):
    """What some collectors have at this moment."""

    def __init__(self, collectors: "Sequence[Collector]") -> None:
        self._metrics = [metric for collector in collectors for metric in collector.collect()]

    def describe(self) -> "Iterator[Metric]":
        return iter(())

    def collect(self) -> "Iterator[Metric]":
        return iter(self._metrics)
