"""`slokeeper replay`."""

from pathlib import Path
from typing import Any

import click
import msgspec

from actors.cli.options import config_option, json_option
from actors.cli.refusals import BadUseError
from actors.config import ConfigError


@click.command()
@click.argument("sources", nargs=-1, metavar="SOURCE...")
@config_option
@click.option("--slo", "names", multiple=True, metavar="NAME", help="Only this objective; repeatable.")
@click.option(
    "--map",
    "maps",
    multiple=True,
    metavar="NAME=EXPR",
    help="Makes a column of others: renames, computes, or sets a constant; repeatable.",
)
@click.option("--skip-bad", is_flag=True, help="Leave out rows that cannot be read, and say how many.")
@click.option("--from", "since", metavar="TIME", help="First instant that counts, ISO 8601 or Unix seconds.")
@click.option("--until", metavar="TIME", help="First instant that counts no more.")
@click.option(
    "--prometheus", metavar="URL", help="Read counters of this Prometheus; with --good and --total."
)
@click.option("--good", metavar="QUERY", help="PromQL for the counter of good events; not a rate.")
@click.option("--total", metavar="QUERY", help="PromQL for the counter of all events.")
@click.option(
    "--against", type=click.Path(path_type=Path), metavar="FILE", help="Compare with this configuration."
)
@click.option("--objective", metavar="SHARE", help='Compare with this target for all, "99.5%".')
@click.option(
    "--fit",
    "pages_a_month",
    type=click.FloatRange(min=0),
    metavar="PAGES",
    help="Propose the strictest targets that would have held with so many pages a month.",
)
@click.option("--plot", type=click.Path(path_type=Path), metavar="FILE", help="Draw it: .png, .svg or .pdf.")
@click.option("--no-plot", is_flag=True, help="No plot in the terminal.")
@json_option
def replay(*, as_json: bool, plot: Path | None, no_plot: bool, **asked: Any) -> None:  # noqa: ANN401  click's options
    """Tell what the rules of a configuration would have done with traffic that was recorded.

    A SOURCE is a file of CSV or JSON lines (also with gzip; - is standard input), the data_dir or the
    database of a node, or prometheus+http://HOST:9090. Several are one traffic.

    \b
    A row is an event or an interval; its other columns are labels:
      timestamp, outcome (ok or error), latency_seconds      one prediction
      timestamp, good, total                                 so many, from there on
    A timestamp is ISO 8601 or Unix seconds. Intervals are for the objective that a column 'slo' names, or of
    the kind that a column 'sli' names, availability or latency; else for availability.

    \b
    Examples
      slokeeper replay trace.csv
      slokeeper replay .slokeeper --objective 99.5%
      slokeeper replay access.jsonl.gz --map timestamp=time \\
          --map 'outcome="error" if status >= 500 else "ok"' --map latency_seconds=ms/1000
      slokeeper replay trace.csv --against stricter.toml --plot replay.png
      slokeeper replay trace.csv --fit 2
      slokeeper replay prometheus+http://127.0.0.1:9090 --from 2026-11-01 --until 2026-12-01 \\
          --good 'http_requests_total{code!~"5.."}' --total http_requests_total
    """  # noqa: D301  click needs the character
    from actors.cli.replaying import Asked, run, show  # noqa: PLC0415  it brings numpy with it
    from actors.replay import SourceError  # noqa: PLC0415

    try:
        found = run(Asked(**asked, curves=not as_json or plot is not None))
        if plot is not None:
            found.draw(plot)
    except (SourceError, ConfigError) as error:
        raise BadUseError(str(error)) from None
    if as_json:
        click.echo(msgspec.json.encode(found.answer()))
    else:
        show(found, with_plot=not no_plot)
