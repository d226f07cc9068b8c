"""From what the objectives say to what the alerts are told."""

from actors.alerting.alert import dedup_key
from actors.application.signals import signals_of
from actors.config import ObjectiveSettings
from actors.slo import objective_from
from tests.slo.evaluated import Judged

FRAUD = ObjectiveSettings(
    name="fraud",
    sli="availability",
    match={"model": "fraud"},
    group_by=("version",),
    runbook_url="https://a/b",
)


def test_group_that_burns_and_falls_silent_is_told_as_two_alerts() -> None:
    judged = Judged(objective_from(FRAUD))
    judged.run([*[(0, 1000)] * 60, *[(1000, 1000)] * 3, *[(0, 0)] * 60])
    conditions = judged.evaluator.conditions()
    told = list(signals_of(conditions, judged.evaluator, {"fraud": FRAUD}, at=7.0))
    labels = {"slo": "fraud", "sli": "availability", "model": "fraud", "version": "1"}
    assert [(one.labels, one.is_active, one.at) for one in told] == [
        ({**labels, "severity": "page"}, True, 7.0),
        ({**labels, "severity": "ticket", "condition": "blind"}, True, 7.0),
    ]
    page, blind = (one.annotations for one in told)
    assert page["summary"] == (
        "fraud (version 1) is unmeasured: no events to say that its error budget is safe again"
    )
    assert blind["summary"] == "fraud (version 1) is not measured: only 8% of the last hour was"
    assert (
        "While nothing is measured, no burn-rate alert of it fires, and none resolves."
        in blind["description"]
    )
    assert page["runbook_url"] == blind["runbook_url"] == "https://a/b"
    assert len({dedup_key(one.labels) for one in told}) == 2


def test_alert_that_is_over_is_still_told_of() -> None:
    """The dispatcher may have been away when it resolved."""
    judged = Judged(objective_from(FRAUD))
    judged.run([*[(0, 1000)] * 60, *[(1000, 1000)] * 3, *[(0, 1000)] * 60])
    told = list(signals_of(judged.evaluator.conditions(), judged.evaluator, {"fraud": FRAUD}, at=7.0))
    assert ("page", False) in {(one.labels["severity"], one.is_active) for one in told}
