"""Rows of a file as counts of minutes: what a row means, and what is wrong with one that means nothing."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime
from math import inf, isfinite
from typing import TYPE_CHECKING, Final

from actors.recording.series import SeriesKey
from actors.replay.errors import SourceError
from actors.replay.traffic import ERRORS, PLAIN, REQUESTS, Collected

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from actors.replay.expressions import Expression

EVENT: Final = frozenset({"outcome", "latency_seconds"})
INTERVAL: Final = frozenset({"good", "total"})
NAMED: Final = ("slo", "sli")
_OWN: Final = EVENT | INTERVAL | {"timestamp", *NAMED}
_READ: Final = INTERVAL | {"timestamp"}
_OUTCOMES: Final = ("ok", "error")
_MILLISECONDS_FROM: Final = 1e11
_UNITS: Final = (
    (1e14, "milliseconds", "1000"),
    (1e17, "microseconds", "1000000"),
    (inf, "nanoseconds", "1000000000"),
)
_MOST_COUNT: Final = 10**15
_SLIS: Final = ("availability", "latency")


@dataclass(slots=True)
class Told:
    """What was noticed while reading, for people.

    Attributes:
        rows: How many were read.
        skipped: Bad rows that were left out, by what was wrong with the first of their kind.
        repeated: Intervals that had been there before, and were counted once.
        intervals_unnamed: Intervals that did not say what they are of.
        outside: Rows before `--from` or after `--until`.
        has_naive_times: Whether a time came without an offset, and was taken as UTC.
    """

    rows: int = 0
    skipped: Counter[str] = field(default_factory=Counter)
    repeated: int = 0
    outside: int = 0
    intervals_unnamed: int = 0
    has_naive_times: bool = False


class RowReader:
    """Counts rows into collected traffic.

    Args:
        traffic: Where they go.
        mapping: Columns that are made of others, by name.
        labels: Columns that series are told apart by; all others are no labels.
        slos: Names of the objectives there are, each with its threshold; None for availability.
        default_sli: What intervals are that do not say of which objective they are.
        skip_bad: Whether a row that cannot be read is left out rather than refused.
        since: First instant that counts, Unix seconds.
        until: First instant that counts no more.

    Attributes:
        told: What was noticed.
        labels: As given, sorted.
        default_sli: As given.
    """

    def __init__(
        self,
        traffic: Collected,
        mapping: "Mapping[str, Expression]",
        *,
        labels: "Iterable[str]",
        slos: "Mapping[str, float | None]",
        default_sli: str = "availability",
        skip_bad: bool = False,
        since: float = -inf,
        until: float = inf,
    ) -> None:
        self.told = Told()
        self._traffic, self._mapping, self._slos = traffic, mapping, slos
        self.default_sli, self._skip_bad = default_sli, skip_bad
        self._since, self._until = since, until
        self.labels = sorted(set(labels) - _OWN)
        self._keys: dict[tuple[str, ...], SeriesKey] = {}
        self._intervals: dict[tuple[tuple[str, ...], float], tuple[int, int]] = {}

    def read(self, rows: "Iterable[tuple[str, Mapping[str, object] | str]]") -> None:
        """Count rows, each given with the place where it stands.

        Raises:
            SourceError: One cannot be used, and bad ones are not skipped.
        """
        for place, row in rows:
            self.told.rows += 1
            try:
                self._count(self._mapped(row))
            except _BadRowError as error:
                if not self._skip_bad:
                    raise SourceError(f"{place}: {error}") from None
                self.told.skipped[error.kind] += 1

    # --- one row ------------------------------------------------------------------------------------------

    def _mapped(self, row: "Mapping[str, object] | str") -> "Mapping[str, object]":
        if isinstance(row, str):
            raise _BadRowError("", row)
        if not self._mapping:
            return row
        made = dict(row)
        for name, expression in self._mapping.items():
            for column in expression.columns:
                if row.get(column) is None:
                    there = ", ".join(map(str, row))
                    raise _BadRowError(
                        column, f"is read by --map {name}=..., and is not there; there are {there}"
                    )
            try:
                made[name] = expression.value(row)
            except (ValueError, ArithmeticError, TypeError) as error:
                shown = {column: row[column] for column in sorted(expression.columns)}
                raise _BadRowError(
                    name, f"cannot be made of {expression.text!r} with {shown}: {error}"
                ) from None
        return made

    def _count(self, row: "Mapping[str, object]") -> None:
        at = self._timestamp(_needed(row, "timestamp", "the time of an event, or of an interval's start"))
        is_interval = row.get("total") is not None or row.get("good") is not None
        if is_interval and any(row.get(name) not in {None, ""} for name in EVENT):
            raise _BadRowError(
                "good", "must not stand beside outcome or latency_seconds: is it one event, or many?"
            )
        if not is_interval and not any(row.get(name) not in {None, ""} for name in EVENT):
            raise _BadRowError(
                "outcome",
                "must be there, or latency_seconds, or good and total; --map can make them of other columns",
            )
        if not self._since <= at < self._until:
            self.told.outside += 1
        elif is_interval:
            self._interval(at, row)
        else:
            self._event(at, row)

    def _event(self, at: float, row: "Mapping[str, object]") -> None:
        outcome = row.get("outcome")
        if outcome in {None, ""}:
            outcome = "ok"
        if outcome not in _OUTCOMES:
            hint = _outcome_hint(outcome)
            raise _BadRowError("outcome", f"must be 'ok' or 'error', got {outcome!r}{hint}")
        latency = row.get("latency_seconds")
        seconds = None if latency in {None, ""} else _seconds(latency)
        cell = self._traffic.cell(int(at // 60), self._key(row))
        cell[REQUESTS] += 1
        if outcome == "error":
            cell[ERRORS] += 1
        elif seconds is not None:
            for number, threshold in enumerate(self._traffic.thresholds):
                cell[PLAIN + 2 * number] += seconds <= threshold
                cell[PLAIN + 2 * number + 1] += 1

    def _interval(self, at: float, row: "Mapping[str, object]") -> None:
        good, total = (_count_of(row, name) for name in ("good", "total"))
        if good > total:
            raise _BadRowError("good", f"must not be above total: {good} of {total} is an SLI above 1")
        slo, sli, threshold = self._promise(row)
        told = tuple(f"{name}={value}" for name, value in row.items() if name not in _READ)
        before = self._intervals.get((told, at))
        if before is not None:
            if before != (good, total):
                first = "{} of {}".format(*before)
                raise _BadRowError(
                    "timestamp", f"stands twice for one series, first with {first}, now {good} of {total}"
                )
            self.told.repeated += 1
            return
        self._intervals[told, at] = good, total
        cell = self._traffic.cell(int(at // 60), self._key(row, slo))
        if sli == "availability":
            cell[REQUESTS] += total
            cell[ERRORS] += total - good
            return
        for number, one in enumerate(self._traffic.thresholds):
            if threshold in {None, one}:
                cell[PLAIN + 2 * number] += good
                cell[PLAIN + 2 * number + 1] += total

    def _promise(self, row: "Mapping[str, object]") -> "tuple[str, str, float | None]":
        """Which objective an interval is of, or "", which kind it is, and against which threshold."""
        slo, sli = row.get("slo"), row.get("sli")
        if slo not in {None, ""}:
            if slo not in self._slos:
                known = ", ".join(map(repr, sorted(self._slos)))
                raise _BadRowError(
                    "slo", f"must name an objective of the configuration ({known}), got {slo!r}"
                )
            threshold = self._slos[str(slo)]
            return str(slo), "availability" if threshold is None else "latency", threshold
        if sli not in {None, "", *_SLIS}:
            raise _BadRowError("sli", f"must be 'availability' or 'latency', got {sli!r}")
        self.told.intervals_unnamed += not sli
        return "", str(sli or self.default_sli), None

    def _key(self, row: "Mapping[str, object]", slo: str = "") -> SeriesKey:
        values = (*("" if row.get(name) is None else str(row[name]) for name in self.labels), slo)
        key = self._keys.get(values)
        if key is None:
            named = zip((*self.labels, "slo"), values, strict=True)
            key = self._keys[values] = series_key({name: value for name, value in named if value})
        return key

    def _timestamp(self, value: object) -> float:
        try:
            at, is_naive = _instant(value)
        except ValueError as error:
            raise _BadRowError("timestamp", str(error)) from None
        self.told.has_naive_times = self.told.has_naive_times or is_naive
        return at


def instant(value: object) -> float:
    """Unix seconds of an instant, ISO 8601 or Unix seconds; without an offset it is UTC.

    Raises:
        ValueError: It is neither; the message says what would be right.
    """
    return _instant(value)[0]


def _instant(value: object) -> tuple[float, bool]:
    if isinstance(value, str):
        try:
            value = float(value)
        except ValueError:
            return _iso(value)
    if isinstance(value, bool) or not isinstance(value, int | float) or not isfinite(value) or value < 0:
        raise ValueError(f"must be ISO 8601 or Unix seconds, got {value!r}")
    if value >= _MILLISECONDS_FROM:
        unit, divisor = next(each for limit, *each in _UNITS if value < limit)
        raise ValueError(
            f"must be Unix seconds, got {value:.0f} ({unit}? give --map timestamp=timestamp/{divisor})"
        )
    return float(value), False


def _iso(text: object) -> tuple[float, bool]:
    try:
        when = datetime.fromisoformat(str(text).strip())
    except ValueError:
        right = "2026-11-03T14:05:00Z"
        raise ValueError(f"must be ISO 8601 such as {right}, or Unix seconds, got {text!r}") from None
    if when.tzinfo is None:
        return when.replace(tzinfo=UTC).timestamp(), True
    return when.timestamp(), False


class _BadRowError(Exception):
    """A value that cannot be used; `kind` is the same for all that are wrong in the same way."""

    def __init__(self, column: str, what: str) -> None:
        super().__init__(f"column {column!r} {what}" if column else what)
        self.kind = f"{column} {what.split(', got', maxsplit=1)[0].split(':', maxsplit=1)[0]}".strip()


def series_key(labels: "Mapping[str, str]") -> SeriesKey:
    """The series with these labels."""
    others = sorted((name, value) for name, value in labels.items() if name not in {"model", "version"})
    return SeriesKey(labels.get("model", ""), labels.get("version", ""), tuple(others))


def _needed(row: "Mapping[str, object]", name: str, what: str) -> object:
    value = row.get(name)
    if value is None or value == "":
        there = ", ".join(repr(str(column)) for column in row) or "none"
        raise _BadRowError(
            name, f"must be there, {what}; there are {there} (--map {name}=... makes it of another)"
        )
    return value


def _count_of(row: "Mapping[str, object]", name: str) -> int:
    value = _needed(row, name, "beside the other of good and total")
    try:
        number = (
            float(value) if isinstance(value, str | int | float) and not isinstance(value, bool) else -1.0
        )
    except ValueError:
        number = -1.0
    if not (0 <= number <= _MOST_COUNT and number == int(number)):
        raise _BadRowError(name, f"must be a whole number >= 0, got {value!r}")
    return int(number)


def _seconds(value: object) -> float:
    try:
        number = (
            float(value) if isinstance(value, str | int | float) and not isinstance(value, bool) else -1.0
        )
    except ValueError:
        number = -1.0
    if not (isfinite(number) and number >= 0):
        raise _BadRowError("latency_seconds", f"must be seconds >= 0, got {value!r}")
    return number


def _outcome_hint(outcome: object) -> str:
    if str(outcome).lower() in _OUTCOMES:
        return " (--map 'outcome=lower(outcome)')"
    if str(outcome).isdigit():
        return """ (a status? --map 'outcome="error" if status >= 500 else "ok"')"""
    return ""
