"""Time zones by name."""

import re
from difflib import get_close_matches
from typing import Final
from zoneinfo import ZoneInfo, available_timezones

from actors.config.values import UnfitError, as_text

_OFFSET: Final = re.compile(r"[A-Za-z/]*[+-]\d{1,2}(?::?\d\d)?", re.ASCII)
_SHORTEST_GUESSED: Final = 4  # "PST" is near to "MST", and means something else


def as_zone_name(value: object) -> str:
    """The IANA name of a time zone that this machine knows."""
    name = as_text(value)
    try:
        ZoneInfo(name)
    except (LookupError, ValueError, OSError):
        raise UnfitError("must be an IANA time zone such as 'Europe/Berlin'", value, _guess(name)) from None
    return name


def _guess(name: str) -> str:
    if _OFFSET.fullmatch(name):
        return "an offset knows no summer time: name a place"
    if name in {"Z", "utc"}:
        return "did you mean 'UTC'?"
    known = sorted(available_timezones())
    if not known:
        return "this machine knows no time zones at all: pip install tzdata"
    by_city = {one.rpartition("/")[2].lower(): one for one in known if "/" in one}
    city = name.strip().replace(" ", "_").rpartition("/")[2].lower()
    near = get_close_matches(city[:80], by_city, n=1, cutoff=0.8)
    found = [by_city[near[0]]] if near else get_close_matches(name[:80], known, n=1, cutoff=0.8)
    return f"did you mean {found[0]!r}?" if found and len(name) >= _SHORTEST_GUESSED else ""
