"""What the node knows of one peer.

The application makes it and hands it to every incarnation of the peer's scraper, so a scraper that is killed
takes nothing with it.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, Protocol, TypeAlias

from actors.node.baselines import decode_baselines, encode_baselines
from actors.node.counters import Cumulative, Reading, increase

if TYPE_CHECKING:
    from actors.config.settings import PeerSettings
    from actors.recording.counts import Counts
    from actors.recording.series import SeriesKey
    from supervisor.clock import Seconds

PeerState: TypeAlias = Literal["up", "unknown"]

MISSED_INTERVALS = 3
"""Silent for longer than so many scrape intervals, a peer is unknown."""


class CountsTable(Protocol):
    """Where a peer's counts go."""

    def add_counts(self, key: "SeriesKey", increments: "Counts") -> None:
        """Add to the open minute of a series."""
        ...


@dataclass(frozen=True, slots=True)
class PeerStatus:
    """How a peer stands, for people and programs.

    Attributes:
        name: As the settings name it.
        state: `up`, or `unknown` when it was silent for more than three intervals or never heard: neither
            good nor bad.
        silent_seconds: Since its last usable answer; None if there was none yet.
        problem: What was wrong with the last attempt; None if nothing was.
        series: How many series it has told of.
    """

    name: str
    state: PeerState
    silent_seconds: "Seconds | None"
    problem: str | None
    series: int


class Peer:
    """One peer's totals at the last look, and when it was heard.

    Attributes:
        settings: Its part of the settings; the address may hold credentials and is never shown.
        problem: What was wrong with the last attempt; None if nothing was.
        announced: The last state that was logged; None before the first.
    """

    __slots__ = (
        "_asked_first_at",
        "_baselines",
        "_heard_at",
        "_is_known",
        "_taken_at",
        "announced",
        "problem",
        "settings",
    )

    def __init__(self, settings: "PeerSettings") -> None:
        self.settings = settings
        self.problem: str | None = None
        self.announced: PeerState | None = None
        self._baselines: dict[SeriesKey, Cumulative] = {}
        self._is_known = False
        self._asked_first_at: Seconds | None = None
        self._taken_at: Seconds | None = None
        self._heard_at: Seconds | None = None

    @property
    def name(self) -> str:
        """As the settings name it."""
        return self.settings.name

    def asked(self, now: "Seconds") -> None:
        """Note that it is being asked; silence counts from the first time."""
        if self._asked_first_at is None:
            self._asked_first_at = now

    def take(self, reading: Reading, *, asked_at: "Seconds", now: "Seconds", tables: CountsTable) -> None:
        """Count what rose since the last look.

        Never waits, and moves each series' baseline in the step that counts it: whoever is killed around it,
        nothing is lost and nothing counted twice. A first sight of the peer counts nothing, since nobody
        knows when that was; a series that appears later is new and counts whole. One that disappears keeps
        its baseline.

        Args:
            reading: All that the peer told.
            asked_at: Monotonic time of the question; an answer to an older one than was taken already
                is dropped.
            now: Monotonic time of the answer.
            tables: Where the counts go.
        """
        self._heard_at, self.problem = now, None
        if self._taken_at is not None and asked_at < self._taken_at:
            return
        self._taken_at = asked_at
        rises = {key: increase(self._baselines.get(key), total) for key, total in reading.items()}
        for key, total in reading.items():
            if self._is_known and self._baselines.get(key) != total:
                tables.add_counts(key, rises[key])
            self._baselines[key] = total
        self._is_known = True

    def state(self, now: "Seconds") -> PeerState:
        """`up`, or `unknown` when it was never heard or not for more than three intervals."""
        return "unknown" if self._heard_at is None or self.is_overdue(now) else "up"

    def is_overdue(self, now: "Seconds") -> bool:
        """Whether it has been asked, and silent, for more than three intervals."""
        since = self._asked_first_at if self._heard_at is None else self._heard_at
        return since is not None and now - since > MISSED_INTERVALS * self.settings.scrape_every

    def status(self, now: "Seconds") -> PeerStatus:
        """How it stands at a monotonic time."""
        silent = None if self._heard_at is None else now - self._heard_at
        return PeerStatus(self.name, self.state(now), silent, self.problem, len(self._baselines))

    def dump(self) -> bytes | None:
        """Its baselines, for storage; None before it was first heard."""
        return encode_baselines(self._baselines) if self._is_known else None

    def load(self, stored: bytes) -> None:
        """Go on from stored baselines: what it counted meanwhile will be counted at the next look.

        Raises:
            BaselineFormatError: They cannot be read; nothing was changed.
        """
        self._baselines = decode_baselines(stored)
        self._is_known = True
