"""`slokeeper explain`."""

from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote, urlencode

import click
import msgspec

from actors.cli.asking import Node
from actors.cli.options import config_option, group_option, json_option, url_of, url_option
from actors.cli.refusals import BadUseError
from actors.cli.status import Slo, Slos, pairs
from actors.config.values import nearest

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


class Explanation(msgspec.Struct, frozen=True):
    """One group, as the node explains it; further keys may be there."""

    name: str
    group: dict[str, str]
    text: str


class Explanations(msgspec.Struct, frozen=True):
    """Of `/api/v1/slos/{name}/explain`."""

    explanations: list[dict[str, object]]


@click.command()
@click.option(
    "--slo", "names", multiple=True, metavar="NAME", help="An objective; repeatable. Default: every one."
)
@group_option
@url_option
@config_option
@json_option
def explain(
    *, names: tuple[str, ...], group: "Mapping[str, str]", url: str | None, config: Path, as_json: bool
) -> None:
    """Say in a few sentences why an objective burns.

    Which rule fires and since when, over which windows, how many events were bad and of which series, and
    what would be left of the budget if it stopped now. A running node is asked.

    \b
    Examples
      slokeeper explain
      slokeeper explain --slo fraud-availability --group version=2.1.0
      slokeeper explain --slo checkout --json | jq '.explanations[0].series[:3]'
    """  # noqa: D301  click needs the character
    with Node(url_of(url, config)) as node:
        known = list(dict.fromkeys(one.name for one in node.ask("/api/v1/slos", Slos[Slo]).slos))
        for name in names:
            if name not in known:
                raise BadUseError(f"the node has judged no objective {name!r} ({nearest(name, known)})")
        rows = [row for name in names or known for row in _asked(node, name, group)]
    if group and not rows:
        raise BadUseError(f"no group of {', '.join(names or known)} has {pairs(group)}")
    if as_json:
        click.echo(msgspec.json.encode({"explanations": rows}))
    else:
        click.echo(
            "\n\n".join(msgspec.convert(row, Explanation).text for row in rows)
            or "nothing has been judged yet"
        )


def _asked(node: Node, name: str, group: "Mapping[str, str]") -> "Sequence[dict[str, object]]":
    path = f"/api/v1/slos/{quote(name, safe='')}/explain"
    return node.ask(f"{path}?{urlencode(group)}" if group else path, Explanations).explanations
