"""One process that pushes: its streams, when it was heard, and whether it can be believed."""

from collections import Counter, deque
from dataclasses import dataclass
from math import inf
from statistics import median
from typing import TYPE_CHECKING, Final

from actors.node.otlp.counting import Rises, counts_of
from actors.node.otlp.stored import encode_instance
from actors.node.otlp.stream import MOST_SKEW, SECOND, Stream, Verdict, step

if TYPE_CHECKING:
    from collections.abc import Sequence

    from actors.node.otlp.points import Family, Point, Sender, StreamKey, Told
    from actors.node.otlp.stream import Step
    from actors.node.peer import CountsTable
    from actors.recording.series import SeriesKey
    from supervisor.clock import Seconds

MISSED_INTERVALS: Final = 3
"""Silent for longer than so many of its intervals, an instance is unknown."""

FIRST_INTERVAL: Final = 60.0
"""What is expected of an instance that was heard once; OpenTelemetry's default, seconds."""

SHORTEST_INTERVAL: Final = 1.0
"""What comes sooner is the rest of a push that was cut in parts, seconds."""

SETTLED_AFTER: Final = 60.0
"""Known for so long, and for two of its intervals, an instance has told of all its streams; seconds."""

FORGET_AFTER: Final = 3600.0
"""Silent for so long, and for ten of its intervals, an instance is forgotten; seconds."""

CONFLICT_LASTS: Final = 300.0
"""So long after two writers contradicted each other nothing is taken from either, seconds."""


@dataclass(frozen=True, slots=True)
class Moment:
    """The time of an arrival.

    Attributes:
        monotonic: For silences, seconds.
        unix_ns: To compare with the sender's clock.
    """

    monotonic: "Seconds"
    unix_ns: int


class Instance:
    """What is known of one sender.

    Args:
        sender: Who it is.
        now: Monotonic time from which on it is known; silence counts from there.

    Attributes:
        sender: Who it is.
        streams: What is known of each of its streams, by family.
        skew_seconds: How far its clock was ahead of ours at its newest push, which travels too; negative if
            it was behind.
        is_changed: Whether anything is to be stored.
    """

    __slots__ = (
        "_began_at",
        "_conflict_until",
        "_heard_at",
        "_intervals",
        "_known_since",
        "_made_at",
        "is_changed",
        "sender",
        "skew_seconds",
        "streams",
    )

    def __init__(self, sender: "Sender", now: "Seconds") -> None:
        self.sender = sender
        self.streams: dict[Family, dict[StreamKey, Stream]] = {}
        self.skew_seconds = 0.0
        self.is_changed = True
        self._made_at = self._known_since = now
        self._heard_at: Seconds | None = None
        self._began_at: Seconds | None = None  # when the first part of the newest push came
        self._intervals: deque[Seconds] = deque(maxlen=9)
        self._conflict_until: Seconds | None = None

    def heard(self, moment: Moment, told: "Sequence[Told]") -> None:
        """Note a push, with or without points."""
        if told:
            newest = max(point.time for _, points in told for point in points)
            self.skew_seconds = (newest - moment.unix_ns) / SECOND
        now = self._heard_at = moment.monotonic
        if self._began_at is None:
            self._began_at = now
        elif now - self._began_at >= SHORTEST_INTERVAL:
            self._intervals.append(now - self._began_at)
            self._began_at = now

    def take(
        self, told: "Sequence[Told]", moment: Moment, *, since: int, tables: "CountsTable"
    ) -> Counter[Verdict]:
        """Count what is new.

        Never waits, and moves the streams of each series in the step that counts them: whoever is killed
        around it, nothing is lost and nothing counted twice.

        Args:
            told: By this sender.
            moment: When it arrived.
            since: Unix nanoseconds; what began before that may have been counted already.
            tables: Where the counts go.
        """
        since_known = None if self._is_settled(moment.monotonic) else since
        judged = [
            (family, steps)
            for family, points in told
            for steps in self._judge(family, points, since_known, moment.unix_ns)
        ]
        verdicts = Counter(one.verdict for _, steps in judged for one in steps.values())
        if verdicts[Verdict.CONFLICT]:
            self._conflict_until = moment.monotonic + max(CONFLICT_LASTS, MISSED_INTERVALS * self.interval)
        if self.is_in_conflict(moment.monotonic):
            for family, steps in judged:
                self._put(family, steps)
            return Counter({Verdict.CONFLICT: verdicts.total()})
        for family, steps in judged:
            self._count(family, steps, tables)
            self._put(family, steps)
        return verdicts

    @property
    def interval(self) -> "Seconds":
        """How often it pushes, as far as that is known."""
        return median(self._intervals) if self._intervals else FIRST_INTERVAL

    def silent_seconds(self, now: "Seconds") -> "Seconds | None":
        """Since it was last heard; None for one that is only known from before a restart of ours."""
        return None if self._heard_at is None else now - self._heard_at

    def forgotten_after(self, now: "Seconds") -> "Seconds":
        """How much longer its silence may last before it is forgotten; negative when it should be."""
        since = self._made_at if self._heard_at is None else self._heard_at
        return since + max(FORGET_AFTER, 10 * self.interval) - now

    def is_up(self, now: "Seconds") -> bool:
        """Whether it was heard within three of its intervals."""
        silent = self.silent_seconds(now)
        return silent is not None and silent <= MISSED_INTERVALS * self.interval

    @property
    def series(self) -> "set[SeriesKey]":
        """The series that it has told of."""
        return {family.series for family in self.streams}

    @property
    def newest_start(self) -> int:
        """When the youngest of its streams began, unix nanoseconds."""
        return max((one.start for group in self.streams.values() for one in group.values()), default=0)

    def is_in_conflict(self, now: "Seconds") -> bool:
        """Whether two processes use its identity."""
        return self._conflict_until is not None and now <= self._conflict_until

    def dump(self) -> bytes:
        """Its streams, for storage; nothing is changed after that until it pushes again."""
        self.is_changed = False
        return encode_instance(self.sender, self.streams)

    def load(self, streams: "dict[Family, dict[StreamKey, Stream]]") -> None:
        """Go on from stored streams."""
        self.streams = streams
        self._known_since = -inf
        self.is_changed = False

    def is_skewed(self) -> bool:
        """Whether its clock, or the way of its pushes, is off by more than 30 s."""
        return abs(self.skew_seconds) * SECOND > MOST_SKEW

    def _is_settled(self, now: "Seconds") -> bool:
        return now - self._known_since >= max(SETTLED_AFTER, 2 * self.interval)

    def _judge(
        self, family: "Family", points: "Sequence[Point]", since: int | None, now: int
    ) -> "list[dict[StreamKey, Step]]":
        """What the points of one family do, in their order; a further round for a stream that comes again."""
        states = dict(self.streams.get(family, {}))
        rounds: list[dict[StreamKey, Step]] = [{}]
        for point in sorted(points, key=lambda one: one.time):
            if point.stream in rounds[-1]:
                rounds.append({})
            done = rounds[-1][point.stream] = step(states.get(point.stream), point, since=since, now=now)
            if done.state is not None:
                states[point.stream] = done.state
        return rounds

    def _count(self, family: "Family", steps: "dict[StreamKey, Step]", tables: "CountsTable") -> None:
        rises = Rises()
        for stream, one in steps.items():
            if one.added is not None:
                rises.add(stream, one.added)
        counts = counts_of(rises, before=self.streams.get(family, {}), now=steps)
        if counts is not None:
            tables.add_counts(family.series, counts)

    def _put(self, family: "Family", steps: "dict[StreamKey, Step]") -> None:
        self.streams.setdefault(family, {}).update(
            (stream, one.state) for stream, one in steps.items() if one.state is not None
        )
        self.is_changed = True
