"""How long predictions took in a stretch of time, of all series."""

from dataclasses import dataclass

from actors.recording.cells import BUCKETS, GROUP_BITS
from actors.recording.merging import Held
from actors.recording.packed import PackedCells


@dataclass(frozen=True, slots=True, eq=False)
class Stretch:
    """The cells of the minutes in [begin, end); packed but for the hour that is being filled.

    Attributes:
        begin: Its first minute, in minutes since 1970.
        end: The minute after its last.
        held: The cells.
    """

    begin: int
    end: int
    held: Held

    @property
    def packed_bytes(self) -> int:
        """Memory of it, if it is packed."""
        return self.held.nbytes if isinstance(self.held, PackedCells) else 0

    @property
    def work(self) -> int:
        """About how many cells it has."""
        return len(self.held.packed) // 2 if isinstance(self.held, PackedCells) else len(self.held)

    @property
    def densest(self) -> int:
        """At most how many cells any 64 neighbouring series have in it."""
        if isinstance(self.held, PackedCells):
            return int(self.held.cells.max(initial=0))
        return min(len(self.held), BUCKETS << GROUP_BITS)

    def packed(self) -> "Stretch":
        """The same, packed."""
        if isinstance(self.held, PackedCells):
            return self
        return Stretch(self.begin, self.end, PackedCells.of(self.held))
