"""Everything that has been pushed to this node, by sender; it runs no user code and waits for nothing.

Made by the application and handed to whoever takes pushes, so that a kill takes nothing along.
"""

from collections import Counter
from typing import TYPE_CHECKING, Final

from actors.node.otlp.instance import Instance, Moment
from actors.node.otlp.stream import Verdict
from actors.node.peer import PeerStatus

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Sequence

    from actors.node.otlp.points import Batch, Point, Push, Sender
    from actors.node.peer import CountsTable
    from actors.recording.series import SeriesKey
    from supervisor.clock import Seconds

FORGET_AFTER: Final = 3600.0
"""Silent for so long, an instance is forgotten; seconds."""

_REFUSALS: Final = {
    Verdict.CONFLICT: "conflicting writers: two processes send under one identity; "
    "each must have a service.instance.id of its own, drawn after a fork",
    Verdict.OVERLAP: "the interval of a delta overlaps one that was counted",
}


class Pushes:
    """The instances that push, their streams, and what became of their points.

    Args:
        since: Unix nanoseconds from which on this node counts; what began before it may have been counted
            by somebody who no longer knows.
        max_instances: So many are known at once, > 0. For one more, the one that is silent for longest is
            forgotten if it is unknown; if none is, the new one is refused.
        max_series: So many series may be pushed, > 0; further ones are refused.

    Attributes:
        verdicts: What became of all points so far.
        refused: How many points could not be used, or were not taken.
    """

    def __init__(self, since: int, *, max_instances: int = 1000, max_series: int = 10_000) -> None:
        self._since = since
        self._max_instances, self._max_series = max_instances, max_series
        self._instances: dict[str, Instance] = {}
        self._series: set[SeriesKey] = set()
        self.verdicts: Counter[Verdict] = Counter()
        self.refused = 0

    def take(self, batch: "Batch", moment: Moment, tables: "CountsTable") -> Counter[str]:
        """Count what is new in a push.

        Args:
            batch: What was pushed.
            moment: When it arrived.
            tables: Where the counts go.

        Returns:
            For each reason, how many points were refused.
        """
        refused = Counter(batch.refused)
        for push in batch.pushes:
            self._take(push, moment, tables, refused)
        self.refused += refused.total()
        return refused

    def _take(self, push: "Push", moment: Moment, tables: "CountsTable", refused: Counter[str]) -> None:
        instance = self._instances.get(push.sender.identity)
        points = push.points
        if instance is None:
            if not points:
                return
            instance = self._admit(push.sender, moment.monotonic)
            if instance is None:
                refused[f"node.max_instances: {self._max_instances} instances push already"] += len(points)
                return
        instance.heard(moment)
        known = [one for one in points if self._has_room(one)]
        if len(known) < len(points):
            refused[f"node.max_pushed_series: {self._max_series} series are pushed already"] += len(
                points
            ) - len(known)
        for once in _rounds(known):
            verdicts = instance.take(once, moment, since=self._since, tables=tables)
            self.verdicts += verdicts
            for verdict, reason in _REFUSALS.items():
                if verdicts[verdict]:
                    refused[reason] += verdicts[verdict]

    def _has_room(self, point: "Point") -> bool:
        if point.stream.series not in self._series:
            if len(self._series) >= self._max_series:
                return False
            self._series.add(point.stream.series)
        return True

    # --- who pushes ---------------------------------------------------------------------------------------

    def _admit(self, sender: "Sender", now: "Seconds") -> Instance | None:
        if len(self._instances) >= self._max_instances:
            silent = [one for one in self._instances.values() if not one.is_up(now)]
            if not silent:
                return None
            self._forget(max(silent, key=lambda one: one.silent_seconds(now) or 0.0))
        instance = self._instances[sender.identity] = Instance(sender)
        return instance

    def expire(self, now: "Seconds") -> None:
        """Forget the instances that have been silent for an hour, or ten of their intervals."""
        for one in list(self._instances.values()):
            silent = one.silent_seconds(now)
            if silent is not None and silent > max(FORGET_AFTER, 10 * one.interval):
                self._forget(one)

    def _forget(self, instance: Instance) -> None:
        # Should it come back, its streams began before this, so nothing of it is counted a second time.
        self._since = max(self._since, instance.newest_start + 1)
        del self._instances[instance.sender.identity]
        self._series = {key for one in self._instances.values() for _, key in one.streams}

    def statuses(self, now: "Seconds", taken: "Collection[str]" = ()) -> "Iterator[PeerStatus]":
        """How each service stands: up while any of its instances is.

        Args:
            now: Monotonic time.
            taken: Names that belong to others; a service of such a name is shown as one that pushes.
        """
        services: dict[str, list[Instance]] = {}
        for one in self._instances.values():
            services.setdefault(one.sender.service or "unknown_service", []).append(one)
        for service, instances in services.items():
            name = f"{service} (pushes)" if service in taken else service
            yield _status(name, instances, now)


def _status(service: str, instances: "Sequence[Instance]", now: "Seconds") -> PeerStatus:
    silences = [silent for one in instances if (silent := one.silent_seconds(now)) is not None]
    return PeerStatus(
        service,
        "up" if any(one.is_up(now) for one in instances) else "unknown",
        min(silences, default=None),
        next((problem for one in instances if (problem := _problem(one, now))), None),
        len({key for one in instances for _, key in one.streams}),
    )


def _problem(instance: Instance, now: "Seconds") -> str | None:
    if instance.is_in_conflict(now):
        return f"conflicting writers: two processes send as instance {instance.sender.instance!r}"
    if instance.is_skewed():
        return f"clock of instance {instance.sender.instance!r} is off by {instance.skew_seconds:.0f} s"
    return None


def _rounds(points: "Iterable[Point]") -> "Iterator[list[Point]]":
    """Part points so that no stream stands twice in a round, the earlier points first."""
    left = sorted(points, key=lambda one: one.time)
    while left:
        once: dict[object, Point] = {}
        later: list[Point] = []
        for one in left:
            later.append(one) if one.stream in once else once.setdefault(one.stream, one)
        yield list(once.values())
        left = later
