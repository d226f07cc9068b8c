"""The walk down the tree of routes; R1 to R9 are Alertmanager's cases, in our words."""

import pytest

from actors.alerting.route import all_receivers, matches, receivers_for, walk
from actors.config import Matcher, MatchOperator, RouteSettings


def route(receiver: str, *routes: RouteSettings, when: str = "", continue_: bool = False) -> RouteSettings:
    matchers = tuple(matcher(one) for one in when.split(", ") if one)
    return RouteSettings(receiver=receiver, matchers=matchers, continue_=continue_, routes=routes)


def matcher(text: str) -> Matcher:
    operators: tuple[MatchOperator, ...] = ("=~", "!~", "!=", "=")
    operator = next(one for one in operators if one in text)
    name, value = text.split(operator, 1)
    return Matcher(name, operator, value)


TREE = route(
    "notify-def",
    route(
        "notify-A",
        route("notify-testing", when="env=testing"),
        route("notify-productionA", when="env=production", continue_=True),
        route("notify-productionB", when="env=~produ.*, job=~.*"),
        when="owner=team-A",
    ),
    route("notify-BC", when="owner=~team-(B|C)"),
    route(
        "notify-def",
        route("notify-testing", route("notify-testing", when="wait=long"), when="env=testing"),
        when="group_by=role",
    ),
)


@pytest.mark.parametrize(
    ("labels", "receivers"),
    [
        pytest.param({"owner": "team-A"}, ["notify-A"], id="R1"),
        pytest.param({"owner": "team-A", "env": "unset"}, ["notify-A"], id="R2-no-child-matches"),
        pytest.param({"owner": "team-C"}, ["notify-BC"], id="R4"),
        pytest.param({"owner": "my-team-C"}, ["notify-def"], id="R4-anchored-before"),
        pytest.param({"owner": "team-CC"}, ["notify-def"], id="R4-anchored-behind"),
        pytest.param({"group_by": "role"}, ["notify-def"], id="R5"),
        pytest.param({"owner": "team-A", "env": "testing"}, ["notify-testing"], id="R6"),
        pytest.param(
            {"owner": "team-A", "env": "production"},
            ["notify-productionA", "notify-productionB"],
            id="continue",
        ),
        pytest.param({"owner": "team-A", "env": "production2"}, ["notify-productionB"], id="second-only"),
        pytest.param(
            {"group_by": "role", "env": "testing", "wait": "long"}, ["notify-testing"], id="deepest"
        ),
        pytest.param({}, ["notify-def"], id="nothing-matches"),
    ],
)
def test_receivers(labels: dict[str, str], receivers: list[str]) -> None:
    assert list(receivers_for(TREE, labels)) == receivers


@pytest.mark.parametrize(
    ("labels", "receiver"),
    [
        pytest.param({"owner": "team-A"}, "oncall", id="missing-is-not-critical"),
        pytest.param({"owner": "team-A", "level": "info"}, "oncall", id="other-value"),
        pytest.param({"owner": "team-A", "level": "critical"}, "default", id="excluded"),
    ],
)
def test_missing_label_is_the_empty_string(labels: dict[str, str], receiver: str) -> None:
    """R8."""
    tree = route("default", route("oncall", when="owner=team-A, level!=critical"))
    assert receivers_for(tree, labels) == (receiver,)


def test_walk_is_depth_first() -> None:
    """R9."""
    assert [one.receiver for one in walk(TREE)] == [
        "notify-def",
        "notify-A",
        "notify-testing",
        "notify-productionA",
        "notify-productionB",
        "notify-BC",
        "notify-def",
        "notify-testing",
        "notify-testing",
    ]


def test_receiver_named_twice_is_told_once() -> None:
    tree = route("default", route("oncall", when="a=1", continue_=True), route("oncall", when="a=1"))
    assert receivers_for(tree, {"a": "1"}) == ("oncall",)


def test_last_continue_does_not_fall_back_to_the_parent() -> None:
    tree = route("default", route("oncall", when="a=1", continue_=True))
    assert receivers_for(tree, {"a": "1"}) == ("oncall",)


@pytest.mark.parametrize(
    ("text", "does"),
    [
        ("job=test", True),
        ("job!=test", False),
        ("method=POST", False),
        ("method!=POST", True),
        ("path=~/user/.+", True),
        ("path!~/user/.+", False),
        ("path=~/user", False),
        ("missing=", True),
        ("missing=~.*", True),
        ("missing=~.+", False),
        ("missing!~.+", True),
        ("note=~a.b", False),
    ],
)
def test_matchers(text: str, does: bool) -> None:
    labels = {"job": "test", "method": "GET", "path": "/user/profile", "note": "a\nb"}
    assert matches(matcher(text), labels) is does


def test_every_receiver_of_the_tree_is_known() -> None:
    assert all_receivers(TREE) == (
        "notify-def",
        "notify-A",
        "notify-testing",
        "notify-productionA",
        "notify-productionB",
        "notify-BC",
    )
    assert all_receivers(None) == ()
