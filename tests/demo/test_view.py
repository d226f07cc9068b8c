import asyncio
from dataclasses import replace

import pytest
from rich.console import Console

from actors.demo.show import Show
from actors.demo.story import STORY
from actors.demo.view import frame, on_stage
from tests.demo.pictures import alerts, passed

TREE = {
    "id": "root",
    "state": "running",
    "restarts": 0,
    "children": [{"id": "storage", "state": "running", "restarts": 1, "children": []}],
}


def show() -> Show:
    play = Show(STORY, position=1, began_at=100.0, act_began_at=110.0)
    play.look(replace(passed().picture, alerts=alerts("firing"), tree=TREE))
    play.tell(112.5, "PagerDuty took: firing · digits-latency [v2]")
    return play


def drawn(width: int, height: int) -> str:
    console = Console(width=width, height=height, color_system=None)
    with console.capture() as told:
        console.print(frame(show(), now=115.0, width=width))
    return told.get()


@pytest.mark.parametrize(
    "seen",
    [
        pytest.param("act 2 of 5, fault", id="act"),
        pytest.param("until: both objectives page", id="what-it-waits-for"),
        pytest.param("1440 times shorter: 6 h passed in 15 s", id="the-declared-factor"),
        pytest.param("storage ↻1", id="restarts"),
        pytest.param("availability", id="objective"),
        pytest.param("-456%", id="overspent-budget"),
        pytest.param("page", id="alert"),
        pytest.param("p99 v2", id="curve"),
        pytest.param("12.5 s  PagerDuty took: firing · digits-latency [v2]", id="news"),
    ],
)
def test_one_frame_shows(seen: str) -> None:
    assert seen in drawn(120, 40)


def test_a_small_terminal_gets_a_whole_frame() -> None:
    """What does not fit is cut, and nothing raises."""
    lines = drawn(80, 24).rstrip("\n").split("\n")
    assert len(lines) == 24
    assert max(map(len, lines)) <= 80


async def test_without_a_terminal_each_act_and_each_piece_of_news_is_one_line_told_once() -> None:
    console = Console(width=40, force_terminal=False)
    play = Show(STORY)
    with console.capture() as told:
        async with on_stage(console, play):
            await asyncio.sleep(1.0)
            play.tell(3.25, "Slack took: firing · a title that is much longer than the console is wide [x]")
            await asyncio.sleep(1.0)
            play.position, play.act_began_at = 1, 8.0
            await asyncio.sleep(1.0)
            play.tell(9.0, "the last word")
    assert told.get().splitlines() == [
        f"[  0.0 s] act 1 of 5, healthy: {STORY[0].tells}",
        "[  3.2 s]   Slack took: firing · a title that is much longer than the console is wide [x]",
        f"[  8.0 s] act 2 of 5, fault: {STORY[1].tells}",
        "[  9.0 s]   the last word",
    ]


async def test_on_a_terminal_the_play_is_drawn_and_the_screen_given_back() -> None:
    console = Console(width=100, height=30, force_terminal=True, force_interactive=True, _environ={})
    with console.capture() as told:
        async with on_stage(console, show()):
            await asyncio.sleep(1.0)
    assert "act 2 of 5, fault" in told.get()
    own_screen, _, after = told.get().partition("\x1b[?1049l")
    assert "\x1b[?1049h" in own_screen
    assert "act 2" not in after
