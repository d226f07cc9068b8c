"""From the options of `slokeeper replay` to what it found."""

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

from rich.console import Console
from rich.progress import Progress

from actors.cli.replayed import alert_table, comparison, drawn, fit_table, slo_table, verdict
from actors.config import load_objectives
from actors.config.quantities import exact, parse_percent
from actors.config.values import UnfitError, as_objective
from actors.replay import Case, Replayed, SourceError, replay
from actors.replay.database import DatabaseTraffic, database_at
from actors.replay.expressions import read_mapping
from actors.replay.files import rows_of
from actors.replay.fit import Fit, fit
from actors.replay.matching import matched
from actors.replay.plot import plot
from actors.replay.prometheus import Backend, collect
from actors.replay.reading import RowReader, Told, instant
from actors.replay.telling import answer
from actors.replay.traffic import Collected
from actors.slo import Objective, objective_from
from actors.slo.maintenance import windows_of
from supervisor.clock import monotonic, unix_now

if TYPE_CHECKING:
    from actors.replay.traffic import Traffic

_POINTS: Final = 600
_PROMETHEUS: Final = "prometheus+"
_MONTH: Final = 30 * 1440
_PATIENCE: Final = 2.0
_EVERY: Final = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What the command line says; see its help."""

    sources: tuple[str, ...]
    config: Path
    names: tuple[str, ...] = ()
    maps: tuple[str, ...] = ()
    skip_bad: bool = False
    since: str | None = None
    until: str | None = None
    prometheus: str | None = None
    good: str | None = None
    total: str | None = None
    against: Path | None = None
    objective: str | None = None
    pages_a_month: float | None = None
    curves: bool = True


@dataclass(slots=True)
class Found:
    """What came of it.

    Attributes:
        replayed: By each configuration, the file's own first.
        matches: By objective, the labels it matches.
        notes: What people should know.
        fits: Proposed targets, if they were asked for.
        pages_a_month: For which.
    """

    replayed: list[Replayed]
    matches: dict[str, dict[str, str]]
    notes: list[str]
    fits: list[Fit] = field(default_factory=list)
    pages_a_month: float | None = None

    def answer(self) -> dict[str, object]:
        """For programs."""
        own, *others = self.replayed
        told = {**answer(own, self.matches), "notes": self.notes}
        if others:
            told["against"] = {"name": others[0].case.name, **answer(others[0], self.matches)}
        if self.pages_a_month is not None:
            told["fit"] = [
                {
                    "slo": one.objective.name,
                    "objective": None if one.target is None else float(one.target),
                    "pages": one.pages,
                    "objective_now": float(one.objective.target),
                    "pages_now": one.pages_now,
                    "holds_now": one.holds_now,
                }
                for one in self.fits
            ]
        return told

    def draw(self, path: Path) -> None:
        """As a picture."""
        plot(self.replayed[0], path)


def run(asked: Asked) -> Found:
    """Read, and judge.

    Raises:
        SourceError: The traffic or an option cannot be used.
        ConfigError: A configuration cannot be used.
    """
    own = _chosen(asked)
    cases = [own, *_others(asked, own)]
    everything = [one for case in cases for one in case.objectives]
    notes: list[str] = []
    traffic = _traffic(asked, everything, notes)
    span = traffic.span()
    if span is None:
        raise SourceError("there is nothing to replay: no row between --from and --until")
    keys = list(traffic.keys())
    judged = []
    for case in cases:
        fitting, said = matched(case.objectives, keys)
        judged.append(replace(case, objectives=fitting))
        notes += said if case is own else []
    with _progress(span[1] - span[0] + 1) as on_minute:
        found = replay(traffic, judged, on_minute=on_minute, curve_points=_POINTS if asked.curves else 0)
    fits = []
    if asked.pages_a_month is not None:
        with _progress(3 * (span[1] - span[0] + 1)) as on_minute:
            fits = fit(traffic, judged[0].objectives, asked.pages_a_month, on_minute)
    if isinstance(traffic, DatabaseTraffic) and traffic.unknown:
        wanted = ", ".join(f"{one:g} s" for one in sorted(traffic.unknown))
        notes.append(f"the node has not counted against {wanted}: latency is unmeasured there")
    if isinstance(traffic, DatabaseTraffic) and traffic.whole_hours:
        notes.append(
            f"{traffic.whole_hours} hours are no longer known minute by minute; each counts in its last"
        )
    matches = {one.name: dict(one.match) for one in everything}
    return Found(found, matches, notes, fits, asked.pages_a_month)


def show(found: Found, *, with_plot: bool) -> None:
    """For people."""
    console = Console()
    own = found.replayed[0]
    for note in found.notes:
        console.print(f"note: {note}", style="yellow", markup=False, highlight=False)
    console.print(alert_table(own), slo_table(own), sep="\n")
    if with_plot:
        console.print(drawn(own))
    if len(found.replayed) > 1:
        console.print(comparison(found.replayed))
    else:
        console.print(verdict(own))
    if found.pages_a_month is not None:
        console.print(fit_table(found.fits, found.pages_a_month))


# --- objectives -------------------------------------------------------------------------------------------


def _chosen(asked: Asked) -> Case:
    settings, maintenance = load_objectives(asked.config)
    objectives = tuple(map(objective_from, settings))
    if not objectives:
        raise SourceError(f"{asked.config} has no objectives; [[slo]] describes one")
    known = {one.name for one in objectives}
    for name in asked.names:
        if name not in known:
            raise SourceError(
                f"--slo must name an objective of {asked.config} ({', '.join(sorted(known))}), got {name!r}"
            )
    chosen = tuple(one for one in objectives if not asked.names or one.name in asked.names)
    return Case(asked.config.name, chosen, windows_of(maintenance))


def _others(asked: Asked, own: Case) -> list[Case]:
    if asked.against is not None and asked.objective is not None:
        raise SourceError("--against and --objective must not be given together")
    if asked.against is not None:
        return [_chosen(replace(asked, config=asked.against))]
    if asked.objective is not None:
        target = exact(_target(asked.objective))
        others = tuple(replace(one, target=target) for one in own.objectives)
        return [replace(own, name=asked.objective, objectives=others)]
    return []


def _target(text: str) -> float:
    try:
        return as_objective(text if parse_percent(text) is not None else float(text))
    except UnfitError as error:
        raise SourceError(f"--objective {error}") from None
    except ValueError:
        raise SourceError(f'--objective must be a share such as "99.5%" or 0.995, got {text!r}') from None


# --- traffic ----------------------------------------------------------------------------------------------


def _traffic(asked: Asked, objectives: Sequence[Objective], notes: list[str]) -> "Traffic":
    sources = (*asked.sources, *([f"{_PROMETHEUS}{asked.prometheus}"] if asked.prometheus else []))
    if not sources:
        raise SourceError(
            "give a SOURCE to replay: a file, the data_dir of a node, or prometheus+http://HOST:9090"
        )
    thresholds = sorted({one.threshold for one in objectives if one.threshold is not None})
    since, until = _instant("--from", asked.since, -1e15), _instant("--until", asked.until, 1e15)
    databases = [path for source in sources if (path := database_at(source)) is not None]
    if databases:
        if len(sources) > 1:
            raise SourceError("a node's database must be the only SOURCE: its minutes would count twice")
        return DatabaseTraffic(databases[0], thresholds, since=since / 60, until=until / 60)
    traffic = Collected(thresholds)
    sli = _default_sli(objectives)
    labels = {name for one in objectives for name in (*one.match, *one.group_by)}
    reader = RowReader(
        traffic,
        read_mapping(asked.maps),
        labels=labels,
        slos={one.name: one.threshold for one in objectives},
        default_sli=sli,
        skip_bad=asked.skip_bad,
        since=since,
        until=until,
    )
    for source in sources:
        if source.startswith(_PROMETHEUS):
            _ask_prometheus(asked, source.removeprefix(_PROMETHEUS), traffic, reader, notes)
        else:
            reader.read(rows_of(source))
    notes += _told(reader.told, sli)
    return traffic


def _default_sli(objectives: Sequence[Objective]) -> str:
    return "availability" if any(one.sli == "availability" for one in objectives) else "latency"


def _ask_prometheus(asked: Asked, url: str, traffic: Collected, reader: RowReader, notes: list[str]) -> None:
    if asked.good is None or asked.total is None:
        raise SourceError(
            "a Prometheus needs --good and --total: PromQL for the counters of good and of all events"
        )
    end = int(_instant("--until", asked.until, unix_now()) // 60)
    begin = int(_instant("--from", asked.since, (end - _MONTH) * 60.0) // 60)
    with closing(Backend(url)) as backend:
        above = collect(
            backend,
            traffic,
            good=asked.good,
            total=asked.total,
            labels=reader.labels,
            begin=begin,
            end=end,
            sli=reader.default_sli,
        )
    if above:
        notes.append(f"in {above} minutes --good rose by more than --total; they count as all good")


def _instant(option: str, text: str | None, default: float) -> float:
    if text is None:
        return default
    try:
        return instant(text)
    except ValueError as error:
        raise SourceError(f"{option} {error}") from None


def _told(told: Told, sli: str) -> list[str]:
    notes = []
    if told.intervals_unnamed and sli == "latency":
        notes.append("intervals are taken to be of latency: there is no availability objective")
    if told.repeated:
        notes.append(f"{told.repeated} intervals stood there twice, and were counted once")
    if told.outside:
        notes.append(f"{told.outside} of {told.rows} rows lie before --from or after --until")
    if told.has_naive_times:
        notes.append("times without an offset were taken as UTC")
    notes += [f"{count} rows skipped: {kind}" for kind, count in told.skipped.items()]
    return notes


# --- progress ---------------------------------------------------------------------------------------------


@contextmanager
def _progress(minutes: int) -> "Iterator[Callable[[int], object]]":
    """A bar on standard error, once it has taken two seconds; nothing where nobody looks."""
    if not sys.stderr.isatty():
        yield lambda _: None
        return
    began, done = monotonic(), 0
    with Progress(console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("replaying", total=minutes, visible=False)

        def on_minute(_: int) -> None:
            nonlocal done
            done += 1
            if done % _EVERY == 0:
                bar.update(task, completed=done, visible=monotonic() - began > _PATIENCE)

        yield on_minute
