"""The alert's life, as a pure function of conditions and times."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from actors.alerting.alert import NEVER_FIRED, Alert, State, acknowledge, dedup_key, step

HOLD = 300.0


def lived(
    *signals: tuple[float, bool | None], hold: float = HOLD, fire_after: float = 0.0
) -> tuple[Alert, list[tuple[float, State]]]:
    """The alert after those conditions, and when it entered which state."""
    alert, entered = NEVER_FIRED, []
    for now, signal in signals:
        alert, transitions = step(alert, signal, now, hold, fire_after)
        entered += [(one.at, one.after) for one in transitions]
    return alert, entered


@pytest.mark.parametrize(
    ("signals", "entered"),
    [
        pytest.param([(0, False), (60, False)], [], id="nothing-wrong"),
        pytest.param([(0, None), (60, None)], [], id="nothing-measured"),
        pytest.param([(0, True), (60, True)], [(0, "firing")], id="fires-once"),
        pytest.param([(0, True), (60, False), (359, False)], [(0, "firing")], id="hold-has-not-passed"),
        pytest.param(
            [(0, True), (60, False), (360, False)], [(0, "firing"), (360, "resolved")], id="hold-just-passed"
        ),
        pytest.param(
            [(0, True), (60, False), (300, True), (360, False), (659, False)],
            [(0, "firing")],
            id="true-again-begins-the-hold-anew",
        ),
        pytest.param(
            [(0, True), (60, False), (120, None), (360, False)],
            [(0, "firing"), (360, "resolved")],
            id="unmeasured-does-not-begin-the-hold-anew",
        ),
        pytest.param(
            [(0, True), (60, False), (360, None), (1000, None)], [(0, "firing")], id="silence-does-not-heal"
        ),
        pytest.param(
            [(0, True), (0, False), (300, False), (400, True)],
            [(0, "firing"), (300, "resolved"), (400, "firing")],
            id="fires-again",
        ),
    ],
)
def test_states_entered(signals: list[tuple[float, bool | None]], entered: list[tuple[float, State]]) -> None:
    assert lived(*signals)[1] == entered


def test_without_a_hold_the_first_false_resolves() -> None:
    assert lived((0, True), (60, False), hold=0.0)[1] == [(0, "firing"), (60, "resolved")]


def test_times_are_kept() -> None:
    alert, _ = lived((10, True), (60, False), (360, False))
    assert alert == Alert("resolved", fired_at=10, resolved_at=360)


def test_new_firing_has_its_own_times() -> None:
    alert, _ = lived((10, True), (60, False), (360, False), (1000, True))
    assert alert == Alert("firing", fired_at=1000)


def test_clock_set_back_does_not_lengthen_the_hold() -> None:
    """After a restart the wall clock may stand an hour earlier; the hold begins anew, and no more."""
    alert, _ = lived((10_000, True), (10_060, False), (6_400, False), (6_700, False))
    assert alert.state == "resolved"


@pytest.mark.parametrize(
    ("signals", "entered"),
    [
        pytest.param([(0, True), (119, True)], [(0, "pending")], id="not-long-enough"),
        pytest.param([(0, True), (120, True)], [(0, "pending"), (120, "firing")], id="just-long-enough"),
        pytest.param([(0, True), (60, False)], [(0, "pending"), (60, "inactive")], id="never-fired"),
        pytest.param(
            [(0, True), (60, False), (70, True), (180, True)],
            [(0, "pending"), (60, "inactive"), (70, "pending")],
            id="counts-anew",
        ),
        pytest.param(
            [(0, True), (120, True), (130, False), (430, False), (500, True), (510, False)],
            [(0, "pending"), (120, "firing"), (430, "resolved"), (500, "pending"), (510, "resolved")],
            id="back-to-resolved",
        ),
    ],
)
def test_pending_until_true_for_long_enough(
    signals: list[tuple[float, bool | None]], entered: list[tuple[float, State]]
) -> None:
    assert lived(*signals, fire_after=120.0)[1] == entered


def test_acknowledged_alert_stays_open_and_resolves() -> None:
    firing, _ = lived((0, True))
    taken, transitions = acknowledge(firing, 30)
    assert [(one.before, one.after, one.at) for one in transitions] == [("firing", "acknowledged", 30)]
    still, none = step(taken, True, 60, HOLD)
    assert (still, none) == (taken, ())
    assert taken.is_open
    resolved, transitions = step(taken, False, 90, 0.0)
    assert (resolved.state, transitions[0].before) == ("resolved", "acknowledged")


@pytest.mark.parametrize("state", ["inactive", "pending", "acknowledged", "resolved"])
def test_only_one_that_fires_can_be_acknowledged(state: State) -> None:
    assert acknowledge(Alert(state), 0) == (Alert(state), ())


@given(st.lists(st.tuples(st.integers(1, 400), st.sampled_from([True, False, None])), max_size=30))
def test_any_life_alternates_and_never_resolves_before_its_hold(
    gaps: list[tuple[int, bool | None]],
) -> None:
    now, signals = 0.0, []
    for gap, signal in gaps:
        now += gap
        signals.append((now, signal))
    alert, entered = lived(*signals)
    assert [state for _, state in entered] == ["firing", "resolved"] * (len(entered) // 2) + ["firing"] * (
        len(entered) % 2
    )
    for at, state in entered:
        if state == "resolved":
            assert all(signal is not True for when, signal in signals if at - HOLD < when <= at)
    assert alert.is_open is (len(entered) % 2 == 1)


@given(st.lists(st.sampled_from([True, False, None]), max_size=20))
def test_condition_said_twice_is_said_once(signals: list[bool | None]) -> None:
    """What the dispatcher relies on: an evaluation that is decided twice changes nothing the second time."""
    alert = NEVER_FIRED
    for minute, signal in enumerate(signals):
        alert, _ = step(alert, signal, minute * 60.0, HOLD)
        assert step(alert, signal, minute * 60.0, HOLD) == (alert, ())


# --- the key ----------------------------------------------------------------------------------------------


def test_key_does_not_depend_on_the_order_of_labels() -> None:
    assert dedup_key({"a": "1", "b": "2"}) == dedup_key({"b": "2", "a": "1"})


def test_key_is_the_same_in_every_release() -> None:
    """A key that changed would leave every open incident open for ever."""
    assert dedup_key({"slo": "checkout", "severity": "page"}) == (
        "b9ced00db4ba102a0f825ed60a577dd0c1c3ff5eedb4ec5828c2c127946cd21b"
    )


def test_key_fits_everywhere() -> None:
    assert len(dedup_key({"model": "x" * 10_000, "half": "\ud83d"})) == 64


@given(
    st.dictionaries(st.text(max_size=3), st.text(max_size=3), max_size=4),
    st.dictionaries(st.text(max_size=3), st.text(max_size=3), max_size=4),
)
def test_different_labels_have_different_keys(one: dict[str, str], other: dict[str, str]) -> None:
    assert (dedup_key(one) == dedup_key(other)) is (one == other)
