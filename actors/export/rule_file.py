"""Groups of rules, and the YAML they are written as: always the same for the same objectives."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, Literal, TypeAlias

from actors.export.quoting import quoted, resource_name

Form: TypeAlias = Literal["prometheus", "prometheus-operator"]
FORMS: Final[tuple[Form, ...]] = ("prometheus", "prometheus-operator")


@dataclass(frozen=True, slots=True)
class Recording:
    """A recording rule.

    Attributes:
        record: The series that it makes.
        expr: What is recorded; may have several lines.
        labels: Put onto each series.
        comment: Why it is so, for who reads the file; "" says nothing.
    """

    record: str
    expr: str
    labels: Mapping[str, str] = field(default_factory=dict)
    comment: str = ""


@dataclass(frozen=True, slots=True)
class Alerting:
    """An alerting rule; without `for`, since the short windows do its work.

    Attributes:
        alert: Its name.
        expr: What fires.
        labels: Put onto each alert.
        annotations: For people; may hold templates.
        comment: For who reads the file.
    """

    alert: str
    expr: str
    labels: Mapping[str, str]
    annotations: Mapping[str, str]
    comment: str = ""


Rule: TypeAlias = Recording | Alerting


@dataclass(frozen=True, slots=True)
class RuleGroup:
    """Rules that are evaluated one after the other, at one time.

    Attributes:
        name: Unique in its file.
        interval: Between two evaluations, as Prometheus writes it.
        rules: In the order in which they build on each other.
        comments: What is not in it, and why.
    """

    name: str
    interval: str
    rules: tuple[Rule, ...]
    comments: tuple[str, ...] = ()


def written(groups: Sequence[RuleGroup], form: Form, name: str, heading: Sequence[str]) -> str:
    """The groups as a file.

    Args:
        groups: What it holds.
        form: Prometheus' own file, or the resource that its operator takes.
        name: Of the resource.
        heading: Comments at the top.
    """
    lines = [f"# {line}".rstrip() for line in heading]
    if form == "prometheus-operator":
        lines += ["apiVersion: monitoring.coreos.com/v1", "kind: PrometheusRule", "metadata:"]
        lines += [f"  name: {quoted(resource_name(name))}", "spec:"]
        lines += indented(_groups(groups), 2)
    else:
        lines += _groups(groups)
    return "\n".join(lines) + "\n"


def _groups(groups: Iterable[RuleGroup]) -> Iterator[str]:
    yield "groups:"
    for group in groups:
        yield from (f"  # {line}" for line in group.comments)
        yield f"  - name: {quoted(group.name)}"
        yield f"    interval: {group.interval}"
        yield "    rules:"
        for rule in group.rules:
            yield from indented(_rule(rule), 6)


def _rule(rule: Rule) -> Iterator[str]:
    if rule.comment:
        yield f"# {rule.comment}"
    if isinstance(rule, Recording):
        yield f"- record: {rule.record}"
    else:
        yield f"- alert: {rule.alert}"
    yield "  expr: |-"
    yield from indented(rule.expr.splitlines(), 4)
    yield from indented(mapping("labels", rule.labels), 2)
    if isinstance(rule, Alerting):
        yield from indented(mapping("annotations", rule.annotations), 2)


def mapping(name: str, pairs: Mapping[str, str]) -> Iterator[str]:
    """A key with strings by name below it; nothing where there are none."""
    if pairs:
        yield f"{name}:"
        yield from (f"  {key}: {quoted(value)}" for key, value in pairs.items())


def indented(lines: Iterable[str], spaces: int) -> list[str]:
    """The lines, each that far to the right."""
    return [f"{' ' * spaces}{line}" for line in lines]
