"""`slokeeper demo`: sets everything up, plays the story, gives the verdict."""

import asyncio
import logging
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final

import msgspec
import structlog
from rich.console import Console

from actors.demo.digits import ScikitLearnMissingError, save, train
from actors.demo.peers import PeersNotHeardError
from actors.demo.server_process import ModelServerError, model_file
from actors.demo.show import Show
from actors.demo.staging import staged
from actors.demo.story import STORY
from actors.demo.verdict import Line, as_json, as_table, is_passed, judge
from actors.demo.view import on_stage
from supervisor.clock import monotonic

if TYPE_CHECKING:
    from actors.demo.digits import Lesson
    from supervisor.clock import Seconds

PASSED: Final = 0
FAILED: Final = 1
BAD_USE: Final = 2
INTERRUPTED: Final = 130


def run_demo(hold: bool, seed: int, console: Console, *, as_json_line: bool = False) -> int:
    """Tell the whole story live, in about a minute.

    Args:
        hold: Stay up after the verdict, until Ctrl-C.
        seed: Decides which digits are held out, and when each is sent.
        console: Where it is shown.
        as_json_line: The verdict as one line of JSON on `console`; the play goes to standard error.

    Returns:
        0 if everything was measured true, 1 if not, 2 without scikit-learn, 130 after Ctrl-C.
    """
    stage = Console(stderr=True) if as_json_line else console
    began_at = monotonic()
    try:
        lesson = _trained(seed, stage)
        with tempfile.TemporaryDirectory(prefix="slokeeper-demo-") as folder, _quiet():
            for version, classifier in lesson.classifiers.items():
                save(classifier, model_file(Path(folder), version))
            program = _Program(console, stage, began_at, hold=hold, as_json_line=as_json_line)
            return asyncio.run(program.run(lesson, Path(folder), seed))
    except ScikitLearnMissingError as error:
        _say(stage, str(error))
        return BAD_USE
    except (ModelServerError, PeersNotHeardError) as error:
        _say(stage, f"demo: {error}")
        return FAILED
    except KeyboardInterrupt:
        return INTERRUPTED


class _Program:
    """From the first request to the verdict."""

    def __init__(
        self, console: Console, stage: Console, began_at: "Seconds", *, hold: bool, as_json_line: bool
    ) -> None:
        self._console, self._stage, self._began_at = console, stage, began_at
        self._hold, self._as_json_line = hold, as_json_line

    async def run(self, lesson: "Lesson", folder: Path, seed: int) -> int:
        """Play, judge, and hold if that is wished; returns the exit code."""
        _say(self._stage, "starting two model servers and the node")
        show = Show(STORY)
        async with staged(show, lesson, folder, seed) as director:
            async with on_stage(self._stage, show):
                measured = await director.play()
            lines = judge(measured)
            self._tell(lines)
            if self._hold:
                await self._stay(show)
        return PASSED if is_passed(lines) else FAILED

    def _tell(self, lines: list[Line]) -> None:
        seconds = monotonic() - self._began_at
        if self._as_json_line:
            _say(self._console, msgspec.json.encode(as_json(lines, seconds)).decode())
            return
        self._console.print(as_table(lines))
        true = sum(line.is_true for line in lines)
        _say(self._console, f"{true} of {len(lines)} claims measured true in {seconds:.0f} s")

    async def _stay(self, show: Show) -> None:
        for name, url in show.urls.items():
            _say(self._stage, f"{name:12} {url}")
        _say(self._stage, "holding; Ctrl-C ends it")
        await asyncio.Event().wait()


def _trained(seed: int, stage: Console) -> "Lesson":
    _say(stage, "training two classifiers of handwritten digits")
    lesson = train(seed)
    told = ", ".join(f"{version} tells {share:.1%}" for version, share in lesson.accuracy.items())
    _say(stage, f"of {len(lesson.labels)} digits that they have not seen {told} right")
    return lesson


@contextmanager
def _quiet() -> Iterator[None]:
    """Keep log lines off the stage: a killed actor is reported loudly, and here it is part of the play."""
    before = structlog.get_config()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    try:
        yield
    finally:
        structlog.configure(**before)


def _say(console: Console, text: str) -> None:
    console.print(text, markup=False, highlight=False, soft_wrap=True)
