"""Converters: one value of the file to one of ours, or a line that says what would be right."""

import math
import re
from collections.abc import Callable, Mapping, Sequence
from datetime import date, time
from difflib import get_close_matches
from typing import TYPE_CHECKING, Final, TypeAlias, TypeGuard, TypeVar
from urllib.parse import urlsplit

from actors.config.guesses import guess_duration, guess_number, guess_share
from actors.config.quantities import format_duration, parse_duration, parse_percent

if TYPE_CHECKING:
    from supervisor.clock import Seconds

T = TypeVar("T")
Convert: TypeAlias = Callable[[object], T]

LABEL_NAME: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*", re.ASCII)
NAME_LENGTH: Final = 200
DECIMALS: Final = 9

_SHOWN_LENGTH = 80
_BITS_SHOWN = 128  # Python refuses to print whole numbers of very many digits
_BARE_KEY = re.compile(r"[A-Za-z0-9_-]+", re.ASCII)


class UnfitError(ValueError):
    """A value does not fit; the message says what it must be and what was found.

    Args:
        must: "must lie between 0 and 1".
        value: What stands in the file; shortened where it is long.
        hint: What was probably meant.
    """

    def __init__(self, must: str, value: object, hint: str = "") -> None:
        super().__init__(f"{must}, got {shown(value)}" + (f" ({hint})" if hint else ""))


def shown(value: object) -> str:  # noqa: PLR0911  one line for each kind of value
    """A value of the file as one short line, in the file's own words."""
    match value:
        case bool():
            return "true" if value else "false"
        case str():
            return repr(value if len(value) <= _SHOWN_LENGTH else value[: _SHOWN_LENGTH - 1] + "…")
        case int() if value.bit_length() > _BITS_SHOWN:
            return "a whole number of very many digits"
        case int() | float():
            return repr(value)
        case date() | time():
            return value.isoformat()
        case Mapping():
            return "a table"
        case list():
            return "an array" if value else "an empty array"
        case _:
            return f"a {type(value).__name__}"


def joined(path: str, key: str) -> str:
    """A key's full path, the key quoted where TOML would quote it."""
    word = key if _BARE_KEY.fullmatch(key) else shown(key)
    return f"{path}.{word}" if path else word


def nearest(word: str, known: Sequence[str]) -> str:
    """A hint: the known word that is nearest, or all of them."""
    found = get_close_matches(word[:_SHOWN_LENGTH], known, n=1, cutoff=0.6)
    return f"did you mean {found[0]!r}?" if found else f"known: {', '.join(known) or 'none'}"


def as_text(value: object) -> str:
    """Any string."""
    if not isinstance(value, str):
        raise UnfitError("must be a string", value, "write it in quotes" if is_number(value) else "")
    return value


def as_name(value: object) -> str:
    """A name of ours: one line, no "/", which parts the names of actors."""
    text = as_text(value)
    if "/" in text:
        raise UnfitError("must not contain '/'", value)
    if not text.strip() or text != text.strip() or not text.isprintable():
        raise UnfitError("must be a name on one line, without space around it", value)
    if len(text) > NAME_LENGTH:
        raise UnfitError(f"must have at most {NAME_LENGTH} characters", value)
    return text


def as_address(value: object) -> str:
    """A web address that shows no secret."""
    text = as_text(value)
    if not is_address(text):
        raise UnfitError("must be an address such as 'https://example.com/path'", value)
    return text


def is_address(text: str) -> bool:
    """Whether it is a web address that can be asked: http or https, a host, a port that exists, no space."""
    try:
        parts = urlsplit(text)
        is_whole = parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False
    return is_whole and text.isprintable() and " " not in text


def as_flag(value: object) -> bool:
    """True or false."""
    if not isinstance(value, bool):
        hint = "without quotes" if isinstance(value, str) and value in {"true", "false"} else ""
        raise UnfitError("must be true or false", value, hint)
    return value


def one_of(known: Sequence[T], also: Mapping[str, str] | None = None) -> Convert[T]:
    """One of a closed set of words.

    Args:
        known: The words.
        also: For words that others use, the one of ours that says the same.
    """
    words = [str(word) for word in known]

    def hint(value: object) -> str:
        text = value.strip().lower()[:_SHOWN_LENGTH] if isinstance(value, str) else ""
        found = [(also or {}).get(text, ""), *get_close_matches(text, words, n=1, cutoff=0.6)]
        return next((f"did you mean {word!r}?" for word in found if word), "")

    def convert(value: object) -> T:
        for word in known:
            if value == word:
                return word
        raise UnfitError(f"must be one of {', '.join(map(repr, words))}", value, hint(value))

    return convert


def whole(least: int, most: int) -> Convert[int]:
    """A converter for whole numbers in a range, ends included."""

    def as_whole(value: object) -> int:
        if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
            raise UnfitError(f"must be a whole number from {least} to {most}", value, guess_number(value))
        return value

    return as_whole


def duration(least: "Seconds", most: "Seconds", *, bare: str = "s") -> "Convert[Seconds]":
    """Seconds, from `least` to `most`, both allowed.

    Args:
        least: The shortest.
        most: The longest.
        bare: The unit that a number without one is probably in.
    """

    def convert(value: object) -> "Seconds":
        seconds = parse_duration(value) if isinstance(value, str) else None
        if seconds is None:
            is_guessed = isinstance(value, str) or (is_number(value) and value >= 0)
            guess = guess_duration(str(value), bare) if is_guessed else ""
            hint = f'write "{guess}"' if guess else ""
            raise UnfitError('must be a duration such as "30s", "5m", "4h" or "100ms"', value, hint)
        if not least <= seconds <= most:
            bounds = f"{format_duration(least)} and {format_duration(most)}"
            raise UnfitError(f"must lie between {bounds}", value)
        return seconds

    return convert


def as_objective(value: object) -> float:
    """A share strictly between 0 and 1, of nine decimals at most: finer ones are not told from 0 or 1."""
    ratio = as_ratio(value, '0.999 or "99.9%"')
    if not 0.0 < ratio < 1.0:
        raise UnfitError("must lie between 0 and 1", value, _objective_hint(value, ratio))
    if not 0.0 < round(ratio, DECIMALS) < 1.0:
        raise UnfitError(f"must have at most {DECIMALS} decimals", value)
    return ratio


def as_share(value: object) -> float:
    """A share from 0 to 1, both allowed."""
    ratio = as_ratio(value, '0.5 or "50%"')
    if not 0.0 <= ratio <= 1.0:
        raise UnfitError("must lie from 0 to 1", value, guess_share(value))
    return ratio


def as_ratio(value: object, example: str) -> float:
    """Any share or percentage, whatever its size."""
    if isinstance(value, str):
        ratio = parse_percent(value)
    elif is_number(value):
        ratio = float(value)
    else:
        ratio = None
    if ratio is None:
        raise UnfitError(f"must be a share such as {example}", value, guess_share(value))
    return ratio


def _objective_hint(value: object, ratio: float) -> str:
    if ratio == 0.0:
        return "then nothing would have to be good"
    if ratio == 1.0 or value == 100:
        return "that leaves no error budget: the first failure would break it"
    return guess_share(value)


def is_number(value: object) -> TypeGuard[int | float]:
    """Whether it is a number that a float can hold."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    return math.isfinite(value) if isinstance(value, float) else value.bit_length() <= _BITS_SHOWN
