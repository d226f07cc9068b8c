"""Objectives and traffic brought together: labels that the traffic does not have, and objectives it names."""

from dataclasses import replace
from typing import TYPE_CHECKING

from actors.replay.errors import SourceError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from actors.recording import SeriesKey
    from actors.slo import Objective

SLO: str = "slo"
"""Label of series whose rows name their objective."""


def matched(
    objectives: "Sequence[Objective]", keys: "Iterable[SeriesKey]"
) -> "tuple[tuple[Objective, ...], list[str]]":
    """The objectives as they find their traffic, and what people should know of it.

    A label that no row has is taken to be what the objectives match, if all of them match the same value.

    Raises:
        SourceError: Objectives want different values of a label that no row has, or nothing matches at all.
    """
    labels = [{name: value for name, value in key.all_labels().items() if value} for key in keys]
    if not labels:
        return tuple(objectives), []
    there = {name for one in labels for name in one}
    named = {one[SLO] for one in labels if SLO in one}
    notes: list[str] = []
    missing = _missing(objectives, there, notes)
    found = tuple(_adapted(one, missing, named) for one in objectives)
    fitting = [one for one in found if any(one.match.items() <= each.items() for each in labels)]
    if objectives and not fitting:
        wanted = "; ".join(f"{one.name} matches {_pairs(one.match)}" for one in objectives)
        raise SourceError(
            f"no row matches any objective: {wanted}; the first row has {_pairs(labels[0])} "
            "(--map NAME=... makes a label, such as --map 'model=\"fraud\"')"
        )
    notes += [
        f"{one.name}: no row matches {_pairs(one.match)}, so it is not judged"
        for one in found
        if one not in fitting
    ]
    return tuple(fitting), notes


def _missing(objectives: "Sequence[Objective]", there: set[str], notes: list[str]) -> set[str]:
    wanted: dict[str, set[str]] = {}
    for objective in objectives:
        for name, value in objective.match.items():
            if name not in there:
                wanted.setdefault(name, set()).add(value)
    for name, values in wanted.items():
        if len(values) > 1:
            both = ", ".join(map(repr, sorted(values)))
            raise SourceError(
                f"no row has the label {name!r}, and objectives want {both} of it: "
                f"choose with --slo, or make it with --map {name}=..."
            )
        notes.append(f"no row has the label {name!r}: all are taken to be of {name}={min(values)}")
    return set(wanted)


def _adapted(objective: "Objective", missing: set[str], named: set[str]) -> "Objective":
    match = {name: value for name, value in objective.match.items() if name not in missing}
    if objective.name in named:
        match[SLO] = objective.name
    return replace(objective, match=match)


def _pairs(labels: "Mapping[str, str]") -> str:
    return " ".join(f"{name}={value}" for name, value in labels.items()) or "everything"
