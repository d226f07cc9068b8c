"""Durations, instants and ratios as people write them."""

import re
from datetime import UTC, datetime
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from supervisor.clock import Seconds

UNITS: Final = {
    "w": Decimal(604_800),
    "d": Decimal(86_400),
    "h": Decimal(3600),
    "m": Decimal(60),
    "s": Decimal(1),
    "ms": Decimal("0.001"),
}
"""Seconds in each, largest first."""

_LARGEST_DENOMINATOR: Final = 10**9
"""99.9 % may arrive as 0.9990000000000001: the nearest fraction with so small a denominator was meant."""
_NUMBER = r"\d{1,15}(?:\.\d{1,30})?"
_DURATION: Final = re.compile(
    "".join(f"(?:({_NUMBER}){unit})?" for unit in UNITS), re.ASCII
)  # each unit at most once, the larger before the smaller
_PERCENT: Final = re.compile(rf"({_NUMBER})\s?%", re.ASCII)


def parse_duration(text: str) -> "Seconds | None":
    """Seconds in "30s", "5m", "1h30m", "100ms"; None if it is no duration."""
    match = _DURATION.fullmatch(text)
    if match is None or not text:
        return None
    parts = zip(match.groups(), UNITS.values(), strict=True)
    return float(sum((Decimal(number) * unit for number, unit in parts if number), Decimal(0)))


def format_duration(seconds: "Seconds") -> str:
    """The shortest text that `parse_duration` reads back as the same: 5400.0 is "1h30m", 0.1 is "100ms".

    Args:
        seconds: >= 0 and finite; fractions of a millisecond are kept.
    """
    rest, parts = Decimal(repr(float(seconds))), list[str]()
    for unit, length in UNITS.items():
        if unit == "w":
            continue  # "30d" is read more easily than "4w2d"
        count = rest / length if unit == "ms" else rest // length
        rest -= count * length
        if count:
            parts.append(f"{_plain(count)}{unit}")
    return "".join(parts) or "0s"


def format_instant(seconds: "Seconds") -> str:
    """Unix seconds in UTC, to the millisecond: "2026-11-24T16:00:00.000Z"."""
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def parse_percent(text: str) -> float | None:
    """The ratio in "99.9%", exactly as 0.999 would be read; None if it is no percentage."""
    match = _PERCENT.fullmatch(text)
    return None if match is None else float(Decimal(match[1]) / 100)


def format_percent(ratio: float) -> str:
    """0.999 as "99.9%", without rounding."""
    return f"{_plain(Decimal(repr(ratio)) * 100)}%"


def exact(ratio: float) -> Fraction:
    """The fraction that a decimal like 0.999 stands for, which no float can hold; nine decimals at most."""
    return Fraction(ratio).limit_denominator(_LARGEST_DENOMINATOR)


def _plain(number: Decimal) -> str:
    text = f"{number:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
