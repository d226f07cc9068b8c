"""`slokeeper rules`."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from actors.cli.options import config_option, settings_of
from actors.cli.refusals import BadUseError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from actors.config import Settings
    from actors.config.settings import ObjectiveSettings
    from actors.export import Exported, Form


@click.command()
@config_option
@click.option(
    "--format",
    "form",
    type=click.Choice(["prometheus", "prometheus-operator"]),
    default="prometheus",
    show_default=True,
    help="Prometheus' own rule files, or resources for its operator in Kubernetes.",
)
@click.option("--slo", "slos", multiple=True, metavar="NAME", help="Only this objective; may be repeated.")
@click.option(
    "--out",
    type=click.Path(path_type=Path, file_okay=False),
    metavar="DIR",
    help="Write a file for each objective there, instead of all to the terminal.",
)
@click.option("--tests", is_flag=True, help="Beside each file, tests for `promtool test rules`; needs --out.")
@click.option("--service", metavar="NAME", help="The label sloth_service of everything. Default: node.name.")
def rules(
    config: Path, form: "Form", slos: tuple[str, ...], out: Path | None, service: str | None, *, tests: bool
) -> None:
    """Write the objectives as recording and alerting rules for Prometheus.

    The same file, evaluated by Prometheus, vmalert, Mimir or Thanos over what they scrape from the nodes'
    /metrics. Series are called as Sloth calls them, so its dashboards fit. Rules fire in the same minutes as
    a node's own. What cannot be said in PromQL is left out, with a comment, and a warning here.

    \b
    Examples
      slokeeper rules > slos.yml
      slokeeper rules --out rules --tests && promtool test rules rules/*_test.yml
      slokeeper rules --format prometheus-operator --slo availability | kubectl apply -f -
    """  # noqa: D301  click needs the character
    from actors.export import export  # noqa: PLC0415  the rules bring numpy with them

    if tests and (out is None or form != "prometheus"):
        raise BadUseError("--tests needs --out, and the format prometheus, which promtool reads")
    settings = settings_of(config)
    named = settings.node.name if service is None else service
    exported = list(export(_chosen(settings, slos), named, settings.maintenance))
    for one in exported:
        for warning in one.warnings:
            click.echo(f"slokeeper: {one.slo}: {warning}", err=True)
    _write(exported, out, named, form, tests=tests)


def _chosen(settings: "Settings", names: "Iterable[str]") -> "list[ObjectiveSettings]":
    known = {one.name: one for one in settings.slos}
    for name in names:
        if name not in known:
            raise BadUseError(f"--slo {name!r}: there is no such objective; there are {', '.join(known)}")
    return [one for name, one in known.items() if not names or name in names]


def _write(
    exported: "Sequence[Exported]", out: Path | None, service: str, form: "Form", *, tests: bool
) -> None:
    from actors.export import as_file  # noqa: PLC0415

    if out is None:
        click.echo(as_file(exported, service, form), nl=False)
        return
    try:
        out.mkdir(parents=True, exist_ok=True)
        for one in exported:
            files = {one.file: as_file([one], service, form)} | (
                {one.test_file: one.tests()} if tests else {}
            )
            for name, text in files.items():
                (out / name).write_text(text, "utf-8")
                click.echo(str(out / name))
    except OSError as error:
        raise BadUseError(f"--out {out}: {error.strerror or error}") from None
