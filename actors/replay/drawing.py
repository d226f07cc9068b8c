"""A curve in a terminal, of braille dots: two across and four down in each character."""

from collections.abc import Iterable, Sequence
from math import isnan
from typing import Final

_BLANK: Final = 0x2800
_DOTS: Final = ((0x01, 0x08), (0x02, 0x10), (0x04, 0x20), (0x40, 0x80))


def braille(values: Sequence[float], *, width: int, height: int, low: float, high: float) -> list[str]:
    """A curve as lines of text, the highest first.

    Args:
        values: At even distances; nan leaves a gap.
        width: Characters across, > 0.
        height: Lines, > 0.
        low: Value at the lower edge; what is below is drawn there.
        high: Value at the upper edge, above `low`.
    """
    columns, rows = 2 * width, 4 * height
    cells = [[_BLANK] * width for _ in range(height)]
    before: int | None = None
    for x in range(columns):
        value = values[min(len(values) - 1, x * len(values) // columns)] if values else float("nan")
        if isnan(value):
            before = None
            continue
        share = (min(max(value, low), high) - low) / (high - low)
        y = round((1 - share) * (rows - 1))
        for dot in _between(before, y):
            cells[dot // 4][x // 2] |= _DOTS[dot % 4][x % 2]
        before = y
    return ["".join(map(chr, line)) for line in cells]


def marks(places: Iterable[tuple[float, str]], width: int) -> str:
    """Marks on one line; the later of two in one place stays.

    Args:
        places: Where in 0..1, and which character.
        width: Characters across, > 0.
    """
    line = [" "] * width
    for share, mark in places:
        line[min(width - 1, max(0, int(share * width)))] = mark
    return "".join(line)


def _between(before: int | None, now: int) -> range:
    """The dots from the last one's height to this one's, so that a fall is a line."""
    if before is None or before == now:
        return range(now, now + 1)
    return range(now, before) if now < before else range(before + 1, now + 1)
