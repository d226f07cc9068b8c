"""Matchers as text: `severity="page"`, `model=~"fraud-.*"`."""

import re
import warnings
from typing import Final

from actors.config.settings import Matcher, MatchOperator
from actors.config.values import LABEL_NAME, UnfitError, as_text

OPERATORS: Final[tuple[MatchOperator, ...]] = ("=~", "!~", "!=", "=")  # the longer ones are tried first

_MATCHER = re.compile(rf"\s*({LABEL_NAME.pattern})\s*(=~|!~|!=|=)\s*(.*?)\s*", re.ASCII | re.DOTALL)
_QUOTED = re.compile(r'"((?:[^"\\]|\\["\\n])*)"')
_UNQUOTED = re.compile(r"[^\s\"'{}\\,=~!]+")
_ESCAPED = {'\\"': '"', "\\\\": "\\", "\\n": "\n"}


def as_matcher(value: object) -> Matcher:
    """One matcher.

    Raises:
        UnfitError: It cannot be read, or its regular expression is none.

    Source:
        Alertmanager's matcher syntax, one matcher a string.
    """
    text = as_text(value)
    parts = _MATCHER.fullmatch(text)
    if parts is None:
        raise UnfitError("must be a matcher such as 'severity=\"page\"', with =, !=, =~ or !~", value)
    name, operator, written = parts.groups()
    op = next(known for known in OPERATORS if known == operator)
    matcher = Matcher(name, op, _unquoted(written, value))
    if op in {"=~", "!~"}:
        _check_pattern(matcher.value, value)
    return matcher


def _unquoted(written: str, value: object) -> str:
    quoted = _QUOTED.fullmatch(written)
    if quoted is not None:
        return re.sub(r'\\["\\n]', lambda found: _ESCAPED[found[0]], quoted[1])
    if _UNQUOTED.fullmatch(written) is None:
        raise UnfitError("must have its value in double quotes, as in 'severity=\"page\"'", value)
    return written


def _check_pattern(pattern: str, value: object) -> None:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # a pattern may look odd
            re.compile(pattern)
    except (re.error, OverflowError, RecursionError) as error:
        reason = "it is nested too deeply" if isinstance(error, RecursionError) else str(error)
        raise UnfitError("must hold a regular expression", value, " ".join(reason.split())) from error
