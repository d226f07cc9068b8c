"""Budget and burn rates with the alerts on them, as a picture; needs matplotlib, the extra `plot`."""

from datetime import UTC, datetime
from math import isnan
from typing import TYPE_CHECKING, Any, Final

from actors.replay.errors import SourceError

if TYPE_CHECKING:
    from pathlib import Path

    from actors.replay.curves import Curve
    from actors.replay.driver import Replayed
    from actors.replay.episodes import Episode
    from actors.slo.grouping import Group

MOST_PANELS: Final = 8
_BLUE: Final = "#1f77b4"
_LOWEST: Final = -2.0
_SHADES: Final = {"page": "#d62728", "ticket": "#ff9f1c"}


def plot(replayed: "Replayed", path: "Path") -> None:
    """Write a picture, in the form that the name ends in: PNG, SVG or PDF.

    For each group the budget that is left, and below it the burn rates of the long windows with their
    thresholds; alerts are spans in the shade of their severity, muted ones lighter.

    Raises:
        SourceError: matplotlib is not there, or the file cannot be written.
    """
    try:
        from matplotlib.figure import Figure  # noqa: PLC0415  heavy, and an extra
    except ImportError:
        raise SourceError(
            "--plot needs matplotlib, which is not there: pip install 'slokeeper[plot]'; "
            "the plot in the terminal needs nothing"
        ) from None
    curves = list(replayed.curves.by_group.items())[:MOST_PANELS]
    panels = max(1, len(curves))
    figure = Figure(figsize=(11, 1 + 4.2 * panels), layout="constrained")
    axes = figure.subplots(2 * panels, 1, squeeze=False, sharex=True, height_ratios=[2, 3] * panels)[:, 0]
    for at, ((slo, group), curve) in enumerate(curves):
        mine = [one for one in replayed.episodes if (one.slo, one.group) == (slo, group)]
        upper, lower = axes[2 * at], axes[2 * at + 1]
        upper.set_title(_title(replayed, slo, group), loc="left", fontsize=10)
        _draw_budget(upper, curve)
        _draw_burn_rates(lower, curve)
        for axis in (upper, lower):
            _draw_alerts(axis, mine, replayed.last + 1)
    figure.suptitle(f"{replayed.case.name}: {replayed.pages} pages, {replayed.tickets} tickets")
    try:
        figure.savefig(path, dpi=120)
    except (OSError, ValueError) as error:
        raise SourceError(f"--plot {path} cannot be written: {error}") from None


def _title(replayed: "Replayed", slo: str, group: "Group") -> str:
    labels = " ".join(f"{name}={value}" for name, value in group)
    target = next(float(one.target) for one in replayed.case.objectives if one.name == slo)
    return f"{slo} {labels}".strip() + f", promised {target:.5%}".rstrip("%").rstrip("0").rstrip(".") + " %"


def _draw_budget(axis: Any, curve: "Curve") -> None:  # noqa: ANN401  matplotlib's
    when, left = _times(curve), curve.budget_left
    axis.fill_between(when, left, alpha=0.25, color=_BLUE, linewidth=0)
    axis.plot(when, left, color=_BLUE, linewidth=1.5)
    axis.axhline(0, color="black", linewidth=0.8)
    axis.set_ylabel("budget left")
    axis.set_ylim(min(-0.05, *(max(one, _LOWEST) for one in left if not isnan(one))), 1.05)


def _draw_burn_rates(axis: Any, curve: "Curve") -> None:  # noqa: ANN401  matplotlib's
    """Of the long windows, each with its threshold as a dotted line of the same colour."""
    axis.set_yscale("symlog", linthresh=1)
    axis.set_ylabel("burn rate")
    for name, threshold in curve.thresholds.items():
        long = name.split("/")[0]
        (line,) = axis.plot(
            _times(curve), curve.burn_rates[long], linewidth=1, label=f"{long}, > {threshold:g}"
        )
        axis.axhline(threshold, color=line.get_color(), linewidth=0.8, linestyle=":")
    axis.set_ylim(bottom=0)
    if curve.thresholds:
        axis.legend(loc="upper left", fontsize=7, ncols=4)


def _draw_alerts(axis: Any, episodes: "list[Episode]", end: int) -> None:  # noqa: ANN401  matplotlib's
    for one in episodes:
        until = end if one.resolved_tick is None else one.resolved_tick
        span = [datetime.fromtimestamp(tick * 60, UTC) for tick in (one.fired_tick, until)]
        axis.axvspan(*span, alpha=0.08 if one.is_muted else 0.25, color=_SHADES[one.severity], linewidth=0)


def _times(curve: "Curve") -> list[datetime]:
    return [datetime.fromtimestamp(minute * 60, UTC) for minute in curve.minutes]
