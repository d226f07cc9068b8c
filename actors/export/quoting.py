"""Strings and durations as PromQL and YAML both read them."""

import re
from typing import Final

_DAY: Final = 1440
_WEEK: Final = 7 * _DAY
_UNFIT: Final = re.compile(r"[^A-Za-z0-9_.-]+")


def quoted(text: str) -> str:
    """A string in double quotes, with escapes that YAML, Go and PromQL agree on."""
    return f'"{"".join(_escaped(character) for character in text)}"'


def _escaped(character: str) -> str:
    if character in '"\\':
        return f"\\{character}"
    if character == "\n":
        return "\\n"
    code = ord(character)
    if character.isprintable():
        return character
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def duration_name(minutes: int) -> str:
    """Minutes as Prometheus writes a duration, and Sloth a window: `"5m"`, `"1d"`, `"4w"`, `"1d12h"`."""
    if minutes % _WEEK == 0:
        return f"{minutes // _WEEK}w"
    days, rest = divmod(minutes, _DAY)
    parts = ((days, "d"), (rest // 60, "h"), (rest % 60, "m"))
    return "".join(f"{count}{unit}" for count, unit in parts if count)


def file_name(name: str) -> str:
    """A name that is safe for a file, and for a resource of Kubernetes."""
    return _UNFIT.sub("-", name).strip("-.") or "objective"


def resource_name(name: str) -> str:
    """A name that Kubernetes takes: small letters, digits and dashes."""
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-") or "objective"
