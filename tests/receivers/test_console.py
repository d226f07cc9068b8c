"""The console's block: readable, harmless, and never the end of the program."""

import io
from typing import TYPE_CHECKING

import httpx
import pytest
from rich.console import Console

from actors.receivers.console import ConsoleDestination, LastingConsole
from actors.receivers.outcome import Delivered, GivenUp, Outcome
from tests.receivers.notices import notice

if TYPE_CHECKING:
    from actors.alerting import Notification


async def shown(notification: "Notification", *, colours: bool = False) -> str:
    file = io.StringIO()
    console = Console(
        file=file, width=40, force_terminal=colours, color_system="standard" if colours else None
    )
    async with httpx.AsyncClient(trust_env=False) as client:
        assert await ConsoleDestination(console).send(notification, client) == Delivered()
    return file.getvalue()


async def test_firing_block() -> None:
    assert await shown(notice()) == (
        "● FIRING  fraud-latency burns its error budget 14.4 times too fast\n"
        "  p99 is 412 ms, the objective is 100 ms\n"
        "  slo=fraud-latency  model=fraud  version=2.1.0  sli=latency  severity=page\n"
        "  fired 2025-11-24T08:00:00.250Z\n"
    )


async def test_resolved_block_says_when() -> None:
    block = await shown(notice(status="resolved"))
    assert block.startswith("○ RESOLVED  fraud-latency burns")
    assert block.endswith("  fired 2025-11-24T08:00:00.250Z, resolved 2025-11-24T08:10:00.250Z\n")


async def test_person_sees_colours() -> None:
    assert "\x1b[1;31m● FIRING" in await shown(notice(), colours=True)
    assert "\x1b[1;32m○ RESOLVED" in await shown(notice(status="resolved"), colours=True)


async def test_labels_can_neither_steer_the_terminal_nor_use_markup() -> None:
    block = await shown(notice(labels={"model": "[red]\x1b[2J\x07[/red]"}, annotations={}))
    assert "\x1b" not in block
    assert "[red]" in block


class Broken(io.StringIO):
    """A terminal that has gone."""

    def __init__(self, error: Exception) -> None:
        super().__init__()
        self.error = error

    def write(self, _: str) -> int:
        raise self.error

    def fileno(self) -> int:
        raise OSError


@pytest.mark.parametrize("error", [BrokenPipeError(), OSError(5, "gone"), ValueError("closed file")])
async def test_broken_terminal_does_not_end_the_program(
    error: Exception, capfd: pytest.CaptureFixture[str]
) -> None:
    async with httpx.AsyncClient(trust_env=False) as client:
        outcome: Outcome = await ConsoleDestination(LastingConsole(file=Broken(error))).send(notice(), client)
    assert isinstance(outcome, GivenUp)
    assert outcome.why.startswith("cannot write to the console (")
    print("standard output is still there")  # noqa: T201
    assert capfd.readouterr().out
