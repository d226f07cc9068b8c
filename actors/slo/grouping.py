"""Which series are judged together."""

from typing import TYPE_CHECKING, TypeAlias

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from numpy.typing import NDArray

    from actors.recording.series import SeriesKey

Group: TypeAlias = tuple[tuple[str, str], ...]
"""The labels that an objective groups by, with their values, in its order."""


def group_of(labels: "Mapping[str, str]", group_by: "Iterable[str]") -> Group:
    """Where a series belongs; a label that it does not have is the empty string, as in Prometheus."""
    return tuple((name, labels.get(name, "")) for name in group_by)


def grouped(
    series: "Iterable[tuple[int, SeriesKey]]", group_by: "tuple[str, ...]"
) -> "dict[Group, NDArray[np.int64]]":
    """Rows in the tables by group; without series there is no group, not even the one of all."""
    rows: dict[Group, list[int]] = {}
    for index, key in series:
        rows.setdefault(group_of(key.all_labels(), group_by), []).append(index)
    return {group: np.array(indices, np.int64) for group, indices in sorted(rows.items())}
