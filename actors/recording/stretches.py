"""How long predictions took in a stretch of time, of all series."""

from dataclasses import dataclass

from actors.recording.cells import Cells
from actors.recording.merging import Held
from actors.recording.packed import PackedCells


@dataclass(frozen=True, slots=True, eq=False)
class Stretch:
    """What the minutes in [begin, end) have counted.

    Packed but for the newest minute, and the hour that is being filled.

    Attributes:
        begin: Its first minute, in minutes since 1970.
        end: The minute after its last.
        held: By series and bucket.
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
        """About how many cells the most are of 64 neighbouring series."""
        return int(self.held.sizes()[1].max(initial=0))

    def packed(self) -> "Stretch":
        """The same, packed."""
        if isinstance(self.held, PackedCells):
            return self
        cells = self.held if isinstance(self.held, Cells) else self.held.cells()
        return Stretch(self.begin, self.end, PackedCells.of(cells))
