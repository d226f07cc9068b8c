"""What the log says of a crash, and what it keeps to itself."""

from collections.abc import Iterator

import pytest
from structlog.testing import capture_logs

from supervisor import (
    Actor,
    ChildSpec,
    Continue,
    MaxRestartsExceededError,
    Shutdown,
    Supervisor,
    start_tree,
    telemetry,
)
from supervisor.process.exits import KILLED
from supervisor.telemetry.structlog_handler import HANDLER_ID

SECRET = "hunter2"


class Crashes(Actor):
    def init(self) -> Continue:
        return Continue()

    def handle_continue(self, argument: object) -> None:
        raise ConnectionError(f"password {SECRET} refused")


class ComesUpOnce(Actor):
    def __init__(self, starts: list[object]) -> None:
        self.starts = starts

    def init(self) -> Continue | None:
        self.starts.append(self)
        if len(self.starts) > 1:
            raise ConnectionError(f"password {SECRET} refused")
        return Continue()

    def handle_continue(self, argument: object) -> None:
        raise ZeroDivisionError


@pytest.fixture(autouse=True)
def _detached() -> Iterator[None]:
    yield
    telemetry.detach(HANDLER_ID)


async def logged(child: ChildSpec, *, exception_texts: bool = False) -> list[dict[str, object]]:
    """The lines of a tree that gives up at the second crash of a child."""
    telemetry.attach_structlog(exception_texts=exception_texts)
    with capture_logs() as lines:
        try:
            async with start_tree(Supervisor.spec("root", [child], max_restarts=1)) as tree:
                await tree.wait()
        except MaxRestartsExceededError:
            return [dict(line) for line in lines]
    pytest.fail("it did not give up")


async def test_crash_is_told_by_type_and_place_and_its_text_is_kept_back() -> None:
    lines = await logged(ChildSpec("it", Crashes))
    assert [line["event"] for line in lines] == [
        "actor crashed",
        "child ended, restarting",
        "actor crashed",
        "supervisor gave up",
    ]
    for line in lines:
        assert (line["reason"], line["error"]) == ("crashed", "ConnectionError")
        assert "test_structlog_handler.py:" in str(line["raised_at"])
        assert "Crashes.handle_continue" in str(line["raised_at"])
    assert SECRET not in repr(lines)


async def test_failed_restart_names_the_exception_behind_it() -> None:
    lines = await logged(ChildSpec("it", ComesUpOnce, ([],)))
    gave_up = lines[-1]
    assert gave_up["error"] == "StartFailedError from ConnectionError"
    assert "ComesUpOnce.init" in str(gave_up["raised_at"])
    assert SECRET not in repr(lines)


async def test_texts_are_told_to_whoever_asks_for_them() -> None:
    lines = await logged(ChildSpec("it", Crashes), exception_texts=True)
    assert f"crashed (ConnectionError: password {SECRET} refused)" in {line["reason"] for line in lines}


@pytest.mark.parametrize(
    ("reason", "facts"),
    [
        pytest.param(KILLED, {"reason": "killed"}, id="killed"),
        pytest.param(Shutdown(SECRET), {"reason": "shutdown"}, id="detail-is-kept-back"),
        pytest.param(
            ValueError(SECRET),
            {"reason": "valueerror", "error": "ValueError", "raised_at": "unknown"},
            id="never-raised",
        ),
    ],
)
def test_reason_is_told_by_its_kind(reason: object, facts: dict[str, str]) -> None:
    telemetry.attach_structlog()
    with capture_logs() as lines:
        telemetry.execute(
            ("supervisor", "child", "restarting"),
            {"delay_seconds": 0.0, "attempt": 1},
            {"path": "it", "supervisor": "root", "reason": reason},
        )
    assert lines[0] == {
        "event": "child ended, restarting",
        "log_level": "warning",
        "path": "it",
        "delay_seconds": 0.0,
        "attempt": 1,
        **facts,
    }


class Knows(Crashes):
    def format_state(self) -> object:
        return {"connected": False}


async def test_crash_is_told_with_what_the_actor_shows_of_its_state() -> None:
    crashed = (await logged(ChildSpec("it", Knows)))[0]
    assert (crashed["event"], crashed["state"]) == ("actor crashed", "{'connected': False}")


def test_blocked_loop_is_told_with_the_stack() -> None:
    telemetry.attach_structlog()
    with capture_logs() as lines:
        telemetry.execute(
            ("loop", "blocked"), {"duration_seconds": 0.5}, {"path": None, "stack": "File clerk.py, line 1"}
        )
    assert lines == [
        {
            "event": "loop is blocked",
            "log_level": "error",
            "duration_seconds": 0.5,
            "stack": "File clerk.py, line 1",
        }
    ]


def test_second_attach_changes_nothing() -> None:
    telemetry.attach_structlog(exception_texts=True)
    telemetry.attach_structlog()
    assert {one.config for one in telemetry.list_handlers() if one.id == HANDLER_ID} == {True}


def test_causes_that_go_round_are_told_once() -> None:
    first, second = ValueError(), TypeError()
    first.__cause__, second.__cause__ = second, first
    telemetry.attach_structlog()
    with capture_logs() as lines:
        telemetry.execute(
            ("supervisor", "child", "start_failed"),
            {"count": 1},
            {"path": "it", "supervisor": "root", "reason": first},
        )
    assert lines[0]["error"] == "ValueError from TypeError"
