"""Labels of series, as objectives name them."""

from collections.abc import Mapping
from typing import Final

from actors.config.values import LABEL_NAME, UnfitError, as_text, joined, shown

RESERVED: Final = frozenset({"slo", "sli", "severity", "condition"})
"""Labels that an alert has of its own."""


def as_labels(value: object) -> Mapping[str, str]:
    """Labels with their values."""
    if not isinstance(value, Mapping):
        raise UnfitError('must be a table of labels such as { model = "fraud" }', value, _guess_labels(value))
    labels = {}
    for name, text in value.items():
        if not isinstance(text, str):
            raise UnfitError(f"must hold strings only, and at {joined('', name)} it does not", text)
        labels[_label_name(name)] = text
    return labels


def as_label_names(value: object) -> tuple[str, ...]:
    """Names of labels, each once."""
    if not isinstance(value, list):
        names = [name.strip() for name in value.split(",")] if isinstance(value, str) else []
        is_guessed = bool(names) and all(map(LABEL_NAME.fullmatch, names))
        hint = "write [" + ", ".join(f'"{name}"' for name in names) + "]" if is_guessed else ""
        raise UnfitError('must be an array of labels such as ["version"]', value, hint)
    names = [_label_name(as_text(each)) for each in value]
    for number, name in enumerate(names):
        if name in names[:number]:
            raise UnfitError(f"must name each label once, and names {shown(name)} twice", value)
    return tuple(names)


def _guess_labels(value: object) -> str:
    """The table that "model=fraud" says."""
    name, equals, text = value.partition("=") if isinstance(value, str) else ("", "", "")
    text = text.strip().strip("\"'")
    is_plain = text.isprintable() and not set(text) & set('"\\,=~{}') and len(text) <= 40
    is_guessed = equals and is_plain and LABEL_NAME.fullmatch(name.strip())
    return f'write {{ {name.strip()} = "{text}" }}' if is_guessed else ""


def _label_name(name: str) -> str:
    if not LABEL_NAME.fullmatch(name):
        raise UnfitError("must name labels of letters, digits and '_'", name)
    if name in RESERVED:
        raise UnfitError("must not name a label that alerts have of their own", name)
    return name
