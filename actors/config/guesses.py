"""What was probably meant by a value that cannot be taken: the hint in brackets at the end of a message."""

import re
from typing import Final

from actors.config.quantities import format_duration, parse_duration, parse_percent

_UNITS: Final = {
    "w": ("w", "wk", "wks", "week", "weeks"),
    "d": ("d", "day", "days"),
    "h": ("h", "hr", "hrs", "hour", "hours"),
    "m": ("m", "min", "mins", "minute", "minutes"),
    "s": ("s", "sec", "secs", "second", "seconds"),
    "ms": ("ms", "msec", "msecs", "millis", "millisecond", "milliseconds"),
}
_UNIT_OF: Final = {word: unit for unit, words in _UNITS.items() for word in words}
_PART: Final = re.compile(r"(\d+(?:[.,]\d+)?)\s*([a-z]+)[\s,]*(?:and\s+)?", re.ASCII)
_NUMBER: Final = re.compile(r"\d+(?:\.\d+)?", re.ASCII)
_PERCENT: Final = re.compile(r"(\d{1,15})(?:[.,](\d{1,15}))?\s*(?:%|percent|pct|per cent)?", re.ASCII)
_LONGEST_TEXT: Final = 60


def guess_duration(text: str, unit: str) -> str:
    """A duration of ours for "30 days", "100 msec", "1,5h" or a bare "30"; "" if there is no guess.

    Args:
        text: What stands there.
        unit: What a bare number is probably in.
    """
    text = text.strip().lower()[:_LONGEST_TEXT]
    if _NUMBER.fullmatch(text):
        # Under ten milliseconds nobody promises anything: 0.1 and 2.5 were seconds.
        return _said(text, "s" if unit == "ms" and float(text) < 10 else unit)
    parts, end = list[str](), 0
    for part in _PART.finditer(text):
        if part.start() != end or part[2] not in _UNIT_OF:
            return ""
        parts.append(part[1].replace(",", ".") + _UNIT_OF[part[2]])
        end = part.end()
    guess = "".join(parts)
    return guess if end == len(text) and parse_duration(guess) is not None else ""


def _said(number: str, unit: str) -> str:
    """A number of some unit: 0.1 seconds are "100ms"."""
    seconds = parse_duration(f"{number}{unit}")
    return f"{number}{unit}" if number.isdigit() or seconds is None else format_duration(seconds)


def guess_share(value: object) -> str:
    """A hint for a share that is written in another way; "" if there is no guess."""
    if isinstance(value, str):
        text = value.strip().lower()[:_LONGEST_TEXT]
        if _NUMBER.fullmatch(text) and float(text) <= 1:
            return f"write {text}, without quotes"
        parts = _PERCENT.fullmatch(text)
        if parts is None:
            return ""
        percent = f"{parts[1]}.{parts[2]}%" if parts[2] else f"{parts[1]}%"
        return f'percent? write "{percent}"'
    if isinstance(value, int | float) and not isinstance(value, bool) and 1.0 < value < 100.0:
        return f"percent? write {parse_percent(f'{float(value)!r}%')}"
    return ""


def guess_number(value: object) -> str:
    """A hint for a number in quotes; "" if it is none."""
    found = (
        re.fullmatch(r"(-?\d+(?:\.\d+)?)x?", value.strip()[:_LONGEST_TEXT], re.ASCII)
        if isinstance(value, str)
        else None
    )
    return f"write {found[1]}, without quotes" if found else ""
