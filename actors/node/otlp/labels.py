"""From the attributes of a point to the labels of a series."""

import re
from math import isfinite
from typing import TYPE_CHECKING, Final

from actors.recording.series import SeriesKey, is_label_name

if TYPE_CHECKING:
    from collections.abc import Iterable

    from actors.node.otlp.messages import AnyValue, KeyValue

MOST_LABELS: Final = 32
LONGEST_NAME: Final = 128
LONGEST_VALUE: Final = 512
"""Characters of a label's value; of its name, above."""

_ODD: Final = re.compile("[^a-zA-Z0-9_]")
_SCALAR: Final = frozenset({None, "string_value", "bool_value", "int_value", "double_value"})


class UnfitLabelError(ValueError):
    """An attribute that cannot be a label; the message says why."""


def series_of(attributes: "Iterable[KeyValue]", *, has_threshold: bool) -> tuple[SeriesKey, float | None]:
    """The series of a point, and its threshold in seconds if it must have one.

    What cannot stand in a label's name becomes `_`, as Prometheus does it; an empty value is no label.

    Raises:
        UnfitLabelError: An attribute cannot be a label, or the threshold is no number of seconds.
    """
    labels: dict[str, str] = {}
    for one in attributes:
        name = _ODD.sub("_", one.key)
        if name in labels:
            raise UnfitLabelError(f"attribute {one.key[:80]!r} stands twice")
        labels[name] = _value(one.key, one.value)
    threshold = _threshold(labels.pop("threshold", "")) if has_threshold else None
    model, version = labels.pop("model", ""), labels.pop("version", "")
    others = tuple(sorted((name, value) for name, value in labels.items() if value))
    _check(others)
    return SeriesKey(model, version, others), threshold


def text_of(value: "AnyValue") -> str:
    """A value as text: of a list or a map its bytes, which only tell it from others."""
    kind = value.WhichOneof("value")
    return "" if kind is None else _text(getattr(value, kind))


def _text(held: object) -> str:
    match held:
        case str():
            return held
        case bool():
            return "true" if held else "false"
        case int() | float():
            return repr(held)
        case _:
            return str(held)


def _value(key: str, value: "AnyValue") -> str:
    kind = value.WhichOneof("value")
    if kind not in _SCALAR:
        raise UnfitLabelError(f"attribute {key[:80]!r} must be text, a number or a truth value")
    text = "" if kind is None else _text(getattr(value, kind))
    if len(text) > LONGEST_VALUE:
        raise UnfitLabelError(f"attribute {key[:80]!r} must have at most {LONGEST_VALUE} characters")
    return text


def _check(labels: tuple[tuple[str, str], ...]) -> None:
    if len(labels) > MOST_LABELS:
        raise UnfitLabelError(f"there must be at most {MOST_LABELS} attributes, got {len(labels)}")
    for name, _ in labels:
        if not is_label_name(name) or len(name) > LONGEST_NAME:
            raise UnfitLabelError(f"attribute {name[:80]!r} cannot be the name of a label")


def _threshold(text: str) -> float:
    try:
        seconds = float(text)
    except ValueError:
        seconds = -1.0
    if not (isfinite(seconds) and seconds > 0):
        raise UnfitLabelError(f"attribute 'threshold' must be seconds > 0, got {text[:80]!r}")
    return seconds
