"""`slokeeper gate`."""

from pathlib import Path
from typing import TYPE_CHECKING, Final, get_args

import click
import msgspec

from actors.cli.asking import Node
from actors.cli.options import config_option, group_option, json_option, url_of, url_option
from actors.cli.refusals import FAILED, BadUseError, FailedError
from actors.cli.status import Slo, Slos, pairs
from actors.config.quantities import parse_percent
from actors.config.values import UnfitError, as_share, nearest
from actors.policy.gate import Demand, Finding, Unmeasured, judge_standing, pass_or_not, percent
from actors.policy.standing import Standing

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

CANNOT_TELL: Final = 3

_WORDS: "Mapping[bool | None, str]" = {True: "passes", False: "fails", None: "unknown"}
_EXIT_CODES: "Mapping[bool | None, int]" = {True: 0, False: FAILED, None: CANNOT_TELL}


class CannotTellError(BadUseError):
    """Whether the gate is open is not known."""

    exit_code = CANNOT_TELL


def _share(_: click.Context, __: click.Parameter, text: str) -> float:
    try:
        return as_share(text if parse_percent(text) is not None else _number(text))
    except UnfitError as error:
        raise BadUseError(f"--min-budget {error}") from None


def _number(text: str) -> object:
    try:
        return float(text)
    except ValueError:
        return text


@click.command()
@click.option(
    "--slo", "names", multiple=True, required=True, metavar="NAME", help="An objective; repeatable."
)
@group_option
@click.option(
    "--min-budget",
    default="0",
    show_default=True,
    callback=_share,
    metavar="SHARE",
    help='Error budget that must be left, 0.1 or "10%"; exactly so much passes.',
)
@click.option(
    "--max-burn", type=click.FloatRange(min=0), metavar="RATE", help="Burn rate that is allowed; 1 is even."
)
@click.option(
    "--window",
    default="1h",
    show_default=True,
    help="Window whose burn rate --max-burn looks at, as status has it.",
)
@click.option(
    "--unmeasured",
    type=click.Choice(get_args(Unmeasured)),
    default="unknown",
    show_default=True,
    help="What a group without events does: exit 3, pass, or fail.",
)
@url_option
@config_option
@json_option
@click.pass_context
def gate(
    context: click.Context,
    *,
    names: tuple[str, ...],
    group: "Mapping[str, str]",
    min_budget: float,
    max_burn: float | None,
    window: str,
    unmeasured: Unmeasured,
    url: str | None,
    config: Path,
    as_json: bool,
) -> None:
    """Tell a deploy pipeline whether the error budget allows a release.

    \b
    Exit codes
      0  every group has the budget that is demanded
      1  one has not; it is named
      2  the command was not used rightly
      3  it cannot be told: nothing was measured, no such objective, the node does not answer

    \b
    Examples
      slokeeper gate --slo fraud-availability --min-budget 10%
      slokeeper gate --slo fraud-availability --group version=2.1.0 --min-budget 0.1 --max-burn 1
      slokeeper gate --slo checkout --url http://node:8080 || exit 1
    """  # noqa: D301  click needs the character
    demand = Demand(min_budget=min_budget, max_burn=max_burn, window=window, unmeasured=unmeasured)
    try:
        findings = [judge_standing(one, demand) for one in _asked(_told(url_of(url, config)), names, group)]
        if max_burn is not None:
            _refuse_window(window, findings)
    except CannotTellError as error:
        if as_json:
            click.echo(msgspec.json.encode({"passes": None, "why": error.message, "groups": []}))
        raise
    passes = pass_or_not(findings)
    if as_json:
        told = {"passes": passes, "why": None, "groups": [_row(one) for one in findings]}
        click.echo(msgspec.json.encode(told))
    else:
        for one in findings:
            click.echo(_line(one))
    context.exit(_EXIT_CODES[passes])


def _told(url: str) -> "list[Slo]":
    try:
        with Node(url) as node:
            return node.ask("/api/v1/slos", Slos[Slo]).slos
    except FailedError as error:
        raise CannotTellError(error.message) from None


def _asked(slos: "Sequence[Slo]", names: "Iterable[str]", group: "Mapping[str, str]") -> "list[Standing]":
    """Every group that is asked for; an objective or a label that leads to none is an error, and no pass."""
    found: list[Standing] = []
    for name in dict.fromkeys(names):
        groups = [one for one in slos if one.name == name]
        if not groups:
            known = list(dict.fromkeys(one.name for one in slos))
            raise CannotTellError(f"the node has judged no objective {name!r} ({nearest(name, known)})")
        fitting = [one for one in groups if group.items() <= one.group.items()]
        if not fitting:
            there = "; ".join(pairs(one.group) for one in groups)
            raise CannotTellError(f"objective {name!r} has no group {pairs(group)}; there are: {there}")
        found += [Standing(name, one.group, one.budget_left, one.burn_rates) for one in fitting]
    return found


def _refuse_window(window: str, findings: "Iterable[Finding]") -> None:
    for one in findings:
        windows = one.standing.burn_rates
        if window not in windows:
            hint = nearest(window, list(windows))
            raise CannotTellError(f"objective {one.standing.slo!r} has no burn rate over {window!r} ({hint})")


def _row(finding: Finding) -> dict[str, object]:
    standing = finding.standing
    return {
        "slo": standing.slo,
        "group": dict(standing.group),
        "passes": finding.passes,
        "budget_left": standing.budget_left,
        "burn_rates": dict(standing.burn_rates),
        "why": finding.why or None,
    }


def _line(finding: Finding) -> str:
    standing = finding.standing
    left = "" if standing.budget_left is None else f"{percent(standing.budget_left)} of the budget is left"
    return f"{_WORDS[finding.passes]}  {standing.slo} {pairs(standing.group)}: {finding.why or left}"
