"""Settings of small nodes, and looks at what they have counted."""

from typing import TYPE_CHECKING

from actors.config import NodeSettings, ObjectiveSettings, ReceiverSettings, RouteSettings, Secret, Settings
from actors.recording.steps import at_once
from actors.slo import rows_of

if TYPE_CHECKING:
    from actors.application import Application

MODEL = "fraud"
DAY = 86_400.0


def settings(
    *, data_dir: str = "", hook: str | None = None, time_factor: float = 1.0, listen: str = ""
) -> Settings:
    """A node with both kinds of objectives; `hook` adds a webhook that is told of everything."""
    receivers = () if hook is None else (ReceiverSettings(name="hook", type="webhook", url=Secret(hook)),)
    return Settings(
        node=NodeSettings(
            name="test", listen=listen, data_dir=data_dir, drain_every=0.25, time_factor=time_factor
        ),
        slos=(
            ObjectiveSettings(
                name="availability",
                sli="availability",
                match={"model": MODEL},
                group_by=("version",),
                objective=0.999,
                window=30 * DAY,
            ),
            ObjectiveSettings(
                name="latency",
                sli="latency",
                match={"model": MODEL},
                group_by=("version",),
                objective=0.99,
                window=30 * DAY,
                threshold=0.1,
            ),
        ),
        receivers=receivers,
        route=RouteSettings(receiver="hook") if receivers else None,
    )


def totals(application: "Application", slo: str) -> tuple[int, int]:
    """(good, total) of one objective, as last judged; (0, 0) before that."""
    for row in at_once(rows_of(application.evaluator, application.tables)):
        if row["name"] == slo:
            return int(str(row["good_events"])), int(str(row["total_events"]))
    return 0, 0
