"""What rules would have done: recorded traffic, judged minute by minute as a node would have judged it."""

from actors.replay.driver import Case, Replayed, replay
from actors.replay.episodes import Episode
from actors.replay.errors import SourceError
from actors.replay.traffic import MinuteCounts, Traffic

__all__ = ["Case", "Episode", "MinuteCounts", "Replayed", "SourceError", "Traffic", "replay"]
