"""How much traffic an objective has, as a person says it."""

import re
from fractions import Fraction
from typing import Final

from actors.cli.refusals import BadUseError

_MINUTES: Final = {"s": Fraction(1, 60), "m": Fraction(1), "h": Fraction(60), "d": Fraction(1440)}
_TRAFFIC = re.compile(r"(\d{1,12}(?:\.\d{1,9})?) ?/ ?(s|sec|second|m|min|minute|h|hour|d|day)", re.ASCII)
_NUMBER = re.compile(r"\d{1,12}(?:\.\d{1,9})?", re.ASCII)


def per_minute(text: str) -> Fraction:
    """Predictions a minute in "10/h".

    Raises:
        BadUseError: It says something else.
    """
    parts = _TRAFFIC.fullmatch(text.strip().lower())
    if parts is None:
        hint = f" (per what? write {text.strip()}/h)" if _NUMBER.fullmatch(text.strip()) else ""
        must = "--traffic must be predictions in a time such as 10/h, 3/m or 200/s"
        raise BadUseError(f"{must}, got {text!r}{hint}")
    return Fraction(parts[1]) / _MINUTES[parts[2][0]]


def said(rate: Fraction) -> str:
    """Predictions a minute as people say them, in the smallest time in which there is one."""
    unit = next((unit for unit, minutes in _MINUTES.items() if rate * minutes >= 1), "d")
    return f"{float(rate * _MINUTES[unit]):.3g}/{unit}"
