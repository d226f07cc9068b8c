"""The actor: what is decided is written, run at least once, and what fails harms nobody."""

import threading
from typing import TYPE_CHECKING

import msgspec
import pytest

from actors.config import Secret
from actors.policy import Action, BudgetEvent
from actors.storage import Database, transact
from tests.policy.offices import Fixed, office
from tests.receivers.servers import ScriptedServer, answer, hang

if TYPE_CHECKING:
    from pathlib import Path

    from pytest_httpserver import HTTPServer

pytestmark = pytest.mark.realtime("real sockets and threads")

EXHAUSTED = "fraud (version 2) has spent its error budget: -2% of it is left"


def hook(url: str, **options: float) -> Action:
    return Action(name="freeze", on="exhausted", url=Secret(url), **options)  # type: ignore[arg-type]


async def test_a_webhook_is_told_what_has_happened(httpserver: "HTTPServer") -> None:
    """The payload as it is documented."""
    httpserver.expect_request("/freeze", method="POST").respond_with_data("frozen")
    async with office(Fixed(hook(httpserver.url_for("/freeze")))) as running:
        running.say(-0.02, at=1_764_000_000.0)
        (row,) = await running.ended()
    ((request, _),) = httpserver.log
    assert msgspec.json.decode(request.get_data()) == {
        "version": "1",
        "id": row["id"],
        "action": "freeze",
        "on": "exhausted",
        "slo": "fraud",
        "labels": {"version": "2"},
        "budget_left": -0.02,
        "burn_rates": {"1h": 20.0},
        "at": "2025-11-24T16:00:00.000Z",
        "text": EXHAUSTED,
    }
    assert request.headers["Idempotency-Key"] == row["id"]
    assert row == {
        "id": row["id"],
        "action": "freeze",
        "slo": "fraud",
        "group": {"version": "2"},
        "at": "2025-11-24T16:00:00.000Z",
        "state": "done",
        "attempts": 1,
        "ended_at": row["ended_at"],
        "answer": "answered 200: 'frozen'",
        "budget_left": -0.02,
        "why": EXHAUSTED,
    }


async def test_what_may_pass_is_tried_again_under_the_same_id() -> None:
    server = ScriptedServer(answer(503), answer(429), answer(204))
    async with server.running(), office(Fixed(hook(server.url()))) as running:
        running.say(-0.02)
        (row,) = await running.ended()
    assert (row["state"], row["attempts"], row["answer"]) == ("done", 3, "answered 204")
    assert {one.headers["idempotency-key"] for one in server.received} == {row["id"]}


@pytest.mark.parametrize(
    ("status", "attempts", "says"),
    [
        pytest.param(404, 1, "answered 404", id="will-not-pass"),
        pytest.param(503, 1, "answered 503; given up after 0 s", id="no-time-left"),
    ],
)
async def test_what_is_given_up_stays_on_record(status: int, attempts: int, says: str) -> None:
    server = ScriptedServer(answer(status))
    async with server.running(), office(Fixed(hook(server.url(), give_up_after=0.0))) as running:
        running.say(-0.02)
        (row,) = await running.ended()
    assert (row["state"], row["attempts"], row["answer"]) == ("failed", attempts, says)


async def test_a_budget_that_stays_spent_is_one_run() -> None:
    server = ScriptedServer(answer(200))
    async with server.running(), office(Fixed(hook(server.url(), cool_down=0.0))) as running:
        for left in (-0.01, -0.02, 0.1, -0.01):
            running.say(left)
        assert len(await running.ended(2)) == 2


async def test_a_function_is_told_the_same() -> None:
    told: list[BudgetEvent] = []
    async with office(Fixed(Action(name="roll-back", on="fast_burn", function=told.append))) as running:
        running.say(0.5, **{"1h/5m": 32.0})
        (row,) = await running.ended()
    assert told == [
        BudgetEvent("fraud", {"version": "2"}, 0.5, {"1h": 20.0}, told[0].at, row["why"], row["id"])
    ]
    assert (row["state"], row["answer"]) == ("done", "returned")


def _exits(_: BudgetEvent) -> None:
    raise SystemExit(3)


def _fails(_: BudgetEvent) -> None:
    raise ValueError("a key, hunter4")


@pytest.mark.parametrize("function", [_exits, _fails])
async def test_a_function_that_raises_is_recorded_and_harms_nobody(function: object) -> None:
    """By the type and the place; the text of an error may hold a key. It is not called again."""
    bad = Action(name="bad", on="exhausted", function=function)  # type: ignore[arg-type]
    good = Action(name="good", on="exhausted", function=lambda event: None)  # noqa: ARG005
    async with office(Fixed(bad, good)) as running:
        before = running.tree.ref("policy").pid
        running.say(-0.02)
        by_name = {row["action"]: row for row in await running.ended(2)}
        assert running.tree.ref("policy").pid == before
    assert by_name["bad"]["state"] == "failed"
    assert by_name["bad"]["answer"].split(" in ")[0] in {"SystemExit", "ValueError"}
    assert "hunter4" not in str(by_name)
    assert by_name["good"]["state"] == "done"


async def test_a_function_without_end_is_left_alone() -> None:
    let_go = threading.Event()
    endless = Action(name="endless", on="exhausted", function=lambda _: let_go.wait(30), timeout=0.05)
    async with office(Fixed(endless)) as running:
        running.say(-0.02)
        (row,) = await running.ended()
        let_go.set()
    assert (row["state"], row["answer"]) == (
        "failed",
        "it took longer than 0.05 s, and its thread was left alone",
    )


async def test_a_kill_in_the_middle_costs_a_repetition_and_no_run() -> None:
    server = ScriptedServer(hang, answer(200))
    async with server.running(), office(Fixed(hook(server.url()))) as running:
        running.say(-0.02)
        await server.until_received(1)
        running.tree.kill("policy")
        (row,) = await running.ended()
    first, second = server.received
    assert first.headers["idempotency-key"] == second.headers["idempotency-key"] == row["id"]
    assert (row["state"], row["attempts"]) == ("done", 2)


async def test_a_process_that_comes_after_runs_what_was_owed_and_nothing_twice(tmp_path: "Path") -> None:
    """The budget is still spent when it starts; that was dealt with."""
    server = ScriptedServer(hang, answer(200))
    async with server.running():
        actions = Fixed(hook(server.url()))
        async with office(actions, Database(tmp_path)) as running:
            running.say(-0.02)
            await server.until_received(1)
        async with office(actions, Database(tmp_path)) as running:
            await running.ended()
            running.say(-0.02)
            await running.heard()
            rows = await running.rows()
    assert [row["state"] for row in rows] == ["done"]
    assert len(server.received) == 2


async def test_a_function_that_ends_the_process_is_not_called_for_ever(tmp_path: "Path") -> None:
    called: list[BudgetEvent] = []
    actions = Fixed(Action(name="fatal", on="exhausted", function=called.append))
    async with office(Fixed(), Database(tmp_path)) as running:
        await transact(
            running.tree.ref("storage"),
            lambda connection: connection.execute(
                "INSERT INTO action_runs (id, action, slo, event, at, attempts) "
                "VALUES ('r', 'fatal', 'fraud', ?, 0, 3)",
                (msgspec.json.encode(BudgetEvent("fraud", {}, -0.1, {}, 0.0, "", "r")).decode(),),
            ),
        )
    async with office(actions, Database(tmp_path)) as running:
        (row,) = await running.ended()
    assert (row["state"], called) == ("failed", [])


async def test_a_run_of_an_action_that_is_gone_is_ended(tmp_path: "Path") -> None:
    server = ScriptedServer(hang)
    async with server.running():
        async with office(Fixed(hook(server.url())), Database(tmp_path)) as running:
            running.say(-0.02)
            await server.until_received(1)
        async with office(Fixed(), Database(tmp_path)) as running:
            (row,) = await running.ended()
    assert (row["state"], row["answer"]) == ("failed", "there is no such action any more")
