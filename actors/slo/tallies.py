"""Pairs of counts that no series of the tables holds, by column and over any window.

Two kinds of them: minutes as events, good ones and all, of objectives that judge the quantile of each minute;
and what was taken out while a maintenance was in force, bad events and all.
"""

from typing import TYPE_CHECKING, TypeAlias

import msgspec
import numpy as np

from actors.recording.windows import Windows

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from actors.slo.columns import Key

_Told: TypeAlias = tuple[str, list[tuple[str, str]], int, int]

_FIRST, _SECOND = 0, 1
_decoder = msgspec.msgpack.Decoder(list[_Told])


class Tallies:
    """Windows of the last 30 days, by column; a column that never had any costs nothing."""

    def __init__(self) -> None:
        self._windows = Windows(2)
        self._rows: dict[Key, int] = {}
        self._keys: Sequence[Key] = ()
        self._row_of: NDArray[np.int64] | None = None
        self._open: list[tuple[Key, int, int]] = []

    def __len__(self) -> int:
        """How many columns ever had any."""
        return len(self._rows)

    def arrange(self, keys: "Sequence[Key]") -> None:
        """Say which columns there are, in their order."""
        self._keys, self._row_of = keys, None

    def add(self, key: "Key", first: int, second: int) -> None:
        """Count in the running minute."""
        if key not in self._rows:
            self._rows[key] = self._windows.add_row()
            self._row_of = None
        row = self._rows[key]
        self._windows.add(row, _FIRST, first)
        self._windows.add(row, _SECOND, second)
        self._open.append((key, first, second))

    def close(self, minute: int) -> bytes:
        """End the minutes up to this one.

        Returns:
            What was counted since the last close, for `load`; nothing where there was none.
        """
        told = msgspec.msgpack.encode([(*key, first, second) for key, first, second in self._open])
        has_any = bool(self._open)
        self._open = []
        if self._windows.closed is None or minute + 1 > self._windows.closed:
            self._windows.close(minute + 1)
        return told if has_any else b""

    def load(self, minute: int, told: bytes) -> None:
        """Count again what `close` returned for a minute; oldest first."""
        for slo, group, first, second in _decoder.decode(told):
            self.add((slo, tuple(group)), first, second)
        self.close(minute)

    def events(self, minutes: int) -> "tuple[NDArray[np.int64], NDArray[np.int64]]":
        """Both counts of every column over the last so many closed minutes."""
        if self._row_of is None:
            self._row_of = np.array([self._rows.get(key, -1) for key in self._keys], np.int64)
        first, second = np.zeros((2, len(self._keys)), np.int64)
        has_row = self._row_of >= 0
        if has_row.any():
            rows = self._row_of[has_row]
            first[has_row] = self._windows.within(_FIRST, minutes)[rows]
            second[has_row] = self._windows.within(_SECOND, minutes)[rows]
        return first, second
