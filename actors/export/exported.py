"""The objectives of a configuration as files."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from actors.export.names import Identity
from actors.export.objective_rules import groups_of, left_out
from actors.export.quoting import file_name
from actors.export.rule_file import Form, RuleGroup, written
from actors.export.unit_tests import unit_tests
from actors.slo.objective import objective_from
from actors.version import __version__

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from actors.config.settings import MaintenanceSettings, ObjectiveSettings
    from actors.slo.objective import Objective

HEADING: Final = (
    f"Written by slokeeper {__version__} from its configuration: change that, and write this anew.",
    "Needs one minute between two evaluations; what is read may be read as often as one likes.",
)


@dataclass(frozen=True, slots=True)
class Exported:
    """One objective, exported.

    Attributes:
        slo: Its name.
        groups: Its rules.
        file: What they are to be called as a file, without a folder.
        test_file: What their tests are to be called.
        warnings: What could not be said, and is not in it.
    """

    slo: str
    groups: tuple[RuleGroup, ...]
    file: str
    test_file: str
    warnings: tuple[str, ...]
    _objective: "Objective"
    _me: Identity
    _runbook_url: str | None

    def tests(self) -> str:
        """The file of their tests, for `promtool test rules`."""
        return unit_tests(self._objective, self._me, self.file, self._runbook_url)


def export(
    objectives: "Sequence[ObjectiveSettings]",
    service: str,
    maintenance: "Sequence[MaintenanceSettings]" = (),
) -> "Iterator[Exported]":
    """Each objective as rules, in the order given.

    Args:
        objectives: Which.
        service: Whose promises they are: the label `sloth_service`.
        maintenance: What is planned; no rule knows of it, and so it is warned of.
    """
    taken: set[str] = set()
    for settings in objectives:
        objective, me = objective_from(settings), Identity(service, settings.name)
        without = [*left_out(objective), *_planned(settings, maintenance)]
        name = stem = file_name(settings.name)
        while name.lower() in taken:
            name = f"{stem}-{len(taken)}"
        taken.add(name.lower())
        yield Exported(
            slo=settings.name,
            groups=tuple(groups_of(objective, me, without, settings.runbook_url)),
            file=f"{name}.yml",
            test_file=f"{name}_test.yml",
            warnings=tuple(without),
            _objective=objective,
            _me=me,
            _runbook_url=settings.runbook_url,
        )


def _planned(settings: "ObjectiveSettings", maintenance: "Sequence[MaintenanceSettings]") -> "Iterator[str]":
    for one in maintenance:
        if not one.slos or settings.name in one.slos:
            yield f"left out: the maintenance {one.name!r}, which counts here; silence it in Alertmanager"


def as_file(exported: "Iterable[Exported]", service: str, form: Form) -> str:
    """Objectives as one file."""
    chosen = list(exported)
    name = "-".join(["slokeeper", service, *(one.slo for one in chosen if len(chosen) == 1)])
    return written([group for one in chosen for group in one.groups], form, name, HEADING)
