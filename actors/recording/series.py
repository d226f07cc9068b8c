"""What a series is: whose predictions are counted together."""

import re
from dataclasses import dataclass
from typing import Final

_LABEL_NAME: Final = re.compile("(?!__)[a-zA-Z_][a-zA-Z0-9_]*")
TAKEN_NAMES: Final = ("le", "quantile")
"""Labels that Prometheus puts on its own samples."""


def is_text(value: object) -> bool:
    """Whether it is a string that can be written down.

    One with half a character in it, a lone surrogate, cannot; JSON may bring it, and so may a file's name.
    """
    if not isinstance(value, str):
        return False
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return True


def is_label_name(name: str) -> bool:
    """Whether a label of that name can stand on a metrics page."""
    return _LABEL_NAME.fullmatch(name) is not None and name not in TAKEN_NAMES


@dataclass(frozen=True, slots=True)
class SeriesKey:
    """A model, its version, and whatever else the predictions are told apart by.

    Attributes:
        model: The model's name; "" where a peer does not say.
        version: Its version; "" if it has none.
        labels: Further labels as (name, value), sorted by name.
    """

    model: str
    version: str
    labels: tuple[tuple[str, str], ...] = ()

    def all_labels(self) -> dict[str, str]:
        """Every label by name, `model` and `version` first."""
        return {"model": self.model, "version": self.version, **dict(self.labels)}
