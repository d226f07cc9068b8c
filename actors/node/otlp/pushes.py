"""Everything that has been pushed to this node, by sender; it runs no user code and waits for nothing.

Made by the application and handed to whoever takes pushes, so that a kill takes nothing along.
"""

from collections import Counter
from typing import TYPE_CHECKING, Final

from actors.node.otlp.instance import Instance, Moment
from actors.node.otlp.stored import decode_instance, decode_since, encode_since
from actors.node.otlp.stream import Verdict
from actors.node.peer import PeerStatus

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

    from actors.node.otlp.points import Push, Sender, Told
    from actors.node.peer import CountsTable, PeerState
    from actors.recording.series import SeriesKey
    from supervisor.clock import Seconds

STORED: Final = "push/"
"""Begins the keys of what is stored; no scraped peer's name holds a slash."""

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
        self._since, self._stored_since = since, -1
        self._max_instances, self._max_series = max_instances, max_series
        self._instances: dict[str, Instance] = {}
        self._series: set[SeriesKey] = set()
        self._gone: set[str] = set()
        self._announced: dict[str, tuple[PeerState, str | None]] = {}
        self.verdicts: Counter[Verdict] = Counter()
        self.refused = 0

    def take(self, push: "Push", moment: Moment, tables: "CountsTable") -> Counter[str]:
        """Count what is new in a push; never waits.

        Args:
            push: Of one sender, or a part of it.
            moment: When it arrived.
            tables: Where the counts go.

        Returns:
            For each reason, how many points were refused.
        """
        refused: Counter[str] = Counter()
        self._take(push, moment, tables, refused)
        self.refused += refused.total()
        return refused

    def _take(self, push: "Push", moment: Moment, tables: "CountsTable", refused: Counter[str]) -> None:
        instance = self._instances.get(push.sender.identity)
        if instance is None:
            if not push.told:
                return
            instance = self._admit(push.sender, moment.monotonic)
            if instance is None:
                why = f"node.max_instances: {self._max_instances} instances push already"
                refused[why] += _points(push.told)
                return
        instance.heard(moment, push.told)
        known = [one for one in push.told if self._has_room(one[0].series)]
        if over := _points(push.told) - _points(known):
            refused[f"node.max_pushed_series: {self._max_series} series are pushed already"] += over
        verdicts = instance.take(known, moment, since=self._since, tables=tables)
        self.verdicts += verdicts
        for verdict, reason in _REFUSALS.items():
            if verdicts[verdict]:
                refused[reason] += verdicts[verdict]

    def _has_room(self, series: "SeriesKey") -> bool:
        if series not in self._series:
            if len(self._series) >= self._max_series:
                return False
            self._series.add(series)
        return True

    # --- who pushes ---------------------------------------------------------------------------------------

    def _admit(self, sender: "Sender", now: "Seconds") -> Instance | None:
        if len(self._instances) >= self._max_instances:
            silent = [one for one in self._instances.values() if not one.is_up(now)]
            if not silent:
                return None
            self._forget(min(silent, key=lambda one: one.forgotten_after(now)))
        instance = self._instances[sender.identity] = Instance(sender, now)
        return instance

    def expire(self, now: "Seconds") -> None:
        """Forget the instances that have been silent for an hour, or ten of their intervals."""
        for one in list(self._instances.values()):
            if one.forgotten_after(now) < 0:
                self._forget(one)

    def _forget(self, instance: Instance) -> None:
        # Should it come back, its streams began before this, so nothing of it is counted a second time.
        self._since = max(self._since, instance.newest_start + 1)
        del self._instances[instance.sender.identity]
        self._gone.add(instance.sender.identity)
        self._series = {key for one in self._instances.values() for key in one.series}

    def statuses(self, now: "Seconds", taken: "Collection[str]" = ()) -> "Iterator[PeerStatus]":
        """How each service stands: up while any of its instances is.

        Args:
            now: Monotonic time.
            taken: Names that belong to others; a service of such a name is shown as one that pushes.
        """
        for service, instances in self._services().items():
            name = f"{service} (pushes)" if service in taken else service
            yield _status(name, instances, now)

    def news(self, now: "Seconds") -> "Iterator[PeerStatus]":
        """The services whose state or problem is another than when this was asked before."""
        known = self._announced
        self._announced = {}
        for status in self.statuses(now):
            what = status.state, _kind(status.problem)
            self._announced[status.name] = what
            if known.get(status.name, ("unknown", None)) != what:
                yield status

    def instances(self, now: "Seconds") -> "Iterator[tuple[str, int, int]]":
        """Each service, and how many of its instances are up, and unknown."""
        for service, instances in self._services().items():
            up = sum(one.is_up(now) for one in instances)
            yield service, up, len(instances) - up

    def _services(self) -> "dict[str, list[Instance]]":
        services: dict[str, list[Instance]] = {}
        for one in self._instances.values():
            services.setdefault(one.sender.service or "unknown_service", []).append(one)
        return services

    # --- keeping ------------------------------------------------------------------------------------------

    def dump(self) -> dict[str, bytes | None]:
        """What has changed since this was asked before, by its key in storage; None for what is forgotten."""
        dumped: dict[str, bytes | None] = {STORED + identity: None for identity in self._gone}
        for identity, one in self._instances.items():
            if one.is_changed:
                dumped[STORED + identity] = one.dump()
        self._gone.clear()
        if self._since != self._stored_since:
            dumped[STORED] = encode_since(self._since)
            self._stored_since = self._since
        return dumped

    def load(self, key: str, stored: bytes, now: "Seconds") -> None:
        """Go on from what was dumped under one key: what came meanwhile will be counted at the next push.

        Raises:
            BaselineFormatError: It cannot be read; nothing was changed.
        """
        if key == STORED:
            self._since = self._stored_since = decode_since(stored)
            return
        sender, streams = decode_instance(key.removeprefix(STORED), stored)
        instance = self._instances[sender.identity] = Instance(sender, now)
        instance.load(streams)
        self._series |= instance.series


def _status(service: str, instances: "Sequence[Instance]", now: "Seconds") -> PeerStatus:
    silences = [silent for one in instances if (silent := one.silent_seconds(now)) is not None]
    return PeerStatus(
        service,
        "up" if any(one.is_up(now) for one in instances) else "unknown",
        min(silences, default=None),
        next((problem for one in instances if (problem := _problem(one, now))), None),
        len({key for one in instances for key in one.series}),
    )


def _problem(instance: Instance, now: "Seconds") -> str | None:
    if instance.is_in_conflict(now):
        return f"conflicting writers: two processes send as instance {instance.sender.instance!r}"
    if instance.is_skewed():
        return f"clock skew: instance {instance.sender.instance!r} is off by {instance.skew_seconds:.0f} s"
    return None


def _kind(problem: str | None) -> str | None:
    """What kind of problem it is; how many seconds a clock is off is no news."""
    return problem and problem.partition(":")[0]


def _points(told: "Sequence[Told]") -> int:
    return sum(len(points) for _, points in told)
