"""Bad and total events of one minute, as PromQL over the metrics of a node.

Totals are subtracted instead of asked for their `increase`, which scales what it sees up to the window and
so is off at its edges: these differences add up over any window to exactly what was counted.
"""

from typing import TYPE_CHECKING, Final

from actors.export.quoting import quoted
from actors.recording.metric_names import LATENCY

if TYPE_CHECKING:
    from collections.abc import Mapping

    from actors.slo.objective import Objective

REQUESTS: Final = "model_requests_total"
ERRORS: Final = "model_errors_total"
SUCCESSES: Final = f"{LATENCY[0]}_count"
WITHIN: Final = f"{LATENCY[0]}_bucket"
ALIVE: Final = "slokeeper_build_info"
"""There whenever a node was read: a total that was not there a minute ago, while this was, began at zero."""


def selector(metric: str, match: "Mapping[str, str]", **more: str) -> str:
    """A metric with the labels that its series must have."""
    pairs = ", ".join(f"{name}={quoted(value)}" for name, value in {**match, **more}.items())
    return f"{metric}{{{pairs}}}" if pairs else metric


def counted(series: str, by: tuple[str, ...]) -> str:
    """What the series counted within the last minute, together by some labels.

    A total that fell was reset, and all it shows was counted since; so was that of a new series, if its
    process was read a minute ago already.
    """
    return "\n".join(
        (
            f"sum by ({', '.join(by)}) (",
            f"    ({series} - {series} offset 1m >= 0)",
            "  or",
            f"    ({series} and on (job, instance) {ALIVE} offset 1m)",
            ")",
        )
    )


def metrics_of(objective: "Objective") -> tuple[str, str]:
    """The series of all its events, and of the bad ones, or for latency of the good ones."""
    if objective.threshold is None:
        return selector(REQUESTS, objective.match), selector(ERRORS, objective.match)
    bound = str(float(objective.threshold))
    return selector(SUCCESSES, objective.match), selector(WITHIN, objective.match, le=bound)
