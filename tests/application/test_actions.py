"""A whole node, on virtual time: a spent budget has something done about it."""

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from actors.application import Application
from actors.config import ActionSettings, ConfigError
from actors.embedded import Monitor
from actors.policy import BudgetEvent
from tests.application.nodes import MODEL, settings
from tests.application.test_application import predict

if TYPE_CHECKING:
    from actors.config import Settings


told: list[BudgetEvent] = []


def roll_back(event: BudgetEvent) -> None:
    told.append(event)


async def asked(_: BudgetEvent) -> None:
    """It is async, and cannot be called in a thread."""


@pytest.fixture(autouse=True)
def _nothing_told() -> None:
    told.clear()


def with_action(python: str, *slos: str) -> "Settings":
    action = ActionSettings(name="roll-back", on="fast_burn", python=python, slos=slos)
    return replace(settings(), actions=(action,))


async def test_a_page_that_fires_calls_the_function_that_the_settings_name() -> None:
    application = Application(with_action(f"{__name__}:roll_back"))
    async with application.running():
        predict(application.recordings.model(MODEL, "1"), ok=50, failed=50)
        await asyncio.sleep(10 * 60.0)
        (row,) = await application.actions()
    (event,) = told
    assert (event.slo, event.labels, event.budget_left) == ("availability", {"version": "1"}, -499.0)
    assert event.burn_rates["1h"] == 500.0
    assert (row["action"], row["state"], row["id"]) == ("roll-back", "done", event.id)


async def test_a_spent_budget_calls_what_was_registered_and_a_killed_actor_forgets_nothing() -> None:
    monitor = Monitor(settings())
    monitor.on_exhausted(roll_back, slos=["availability"], cool_down=0.0)
    async with monitor:
        model = monitor.model(MODEL, "1")
        predict(model, ok=100)
        await asyncio.sleep(3 * 60.0)
        assert told == []
        predict(model, failed=4)
        await asyncio.sleep(3 * 60.0)
        assert told == []  # too few to make anything of
        predict(model, failed=1)
        for _ in range(5):
            await asyncio.sleep(60.0)
            monitor.kill("policy")
        predict(model, ok=5_000)
        await asyncio.sleep(3 * 60.0)
        predict(model, failed=10)
        await asyncio.sleep(3 * 60.0)
    assert [round(event.budget_left or 0.0, 2) for event in told] == [-46.62, -1.93]


async def test_nobody_who_asks_for_nothing_is_told() -> None:
    application = Application(with_action(f"{__name__}:roll_back", "latency"))
    async with application.running():
        predict(application.recordings.model(MODEL, "1"), ok=50, failed=50)
        await asyncio.sleep(10 * 60.0)
        assert await application.actions() == []


@pytest.mark.parametrize(
    ("python", "says"),
    [
        pytest.param("no_such:thing", "ModuleNotFoundError: No module named 'no_such'", id="no-module"),
        pytest.param(f"{__name__}:nothing", "AttributeError", id="no-function"),
        pytest.param(f"{__name__}:told", "which cannot be called", id="no-callable"),
        pytest.param(f"{__name__}:asked", "which is async, and is called in a thread", id="async"),
        pytest.param(f"{__name__}:with_action", "", id="signature"),
        pytest.param("builtins:iter", "", id="unknowable"),
    ],
)
def test_a_function_that_cannot_be_called_is_refused_at_the_start(python: str, says: str) -> None:
    if not says:
        assert Application(with_action(python)).hooks.get("roll-back") is not None
        return
    with pytest.raises(ConfigError, match=r"action\.roll-back\.python must lead to a function") as refusal:
        Application(with_action(python))
    assert says in str(refusal.value)


def test_what_cannot_be_registered_is_refused_where_it_stands() -> None:
    monitor = Monitor(settings())
    monitor.on_exhausted(roll_back)
    monitor.on_fast_burn(roll_back)
    with pytest.raises(ValueError, match="is there already"):
        monitor.on_exhausted(roll_back)
    with pytest.raises(ValueError, match=r"no objective 'latncy' \(did you mean 'latency'\?\)"):
        monitor.on_exhausted(print, slos=["latncy"])
    with pytest.raises(TypeError, match="is async"):
        monitor.on_exhausted(asked)
    with pytest.raises(TypeError, match="does not take one argument"):
        monitor.on_exhausted(lambda: None)  # type: ignore[type-var]
