"""The play on a terminal: drawn live where a person looks, told line by line where none does."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager, suppress
from typing import TYPE_CHECKING, Final

from rich import box
from rich.console import Console, Group
from rich.layout import Layout
from rich.live import Live
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from actors.demo.digits import VERSIONS
from actors.demo.drawing import bar, curve, tree_of
from actors.demo.plan import AVAILABILITY, LATENCY, MODEL, THRESHOLD, TIME_FACTOR, nominal_minutes
from actors.demo.show import BURN_SHOWN, Show
from supervisor.clock import monotonic

if TYPE_CHECKING:
    from actors.demo.picture import Objective
    from supervisor.clock import Seconds

FRAMES_A_SECOND: Final = 5
LOOKS_A_SECOND: Final = 20
_BAR_WIDTH: Final = 10
_BURN_TOP: Final = 30.0
_BURN_PAGES: Final = 14.4
_WIDE: Final = 108
_NEWS_KEPT: Final = 20
_FIGURES = {"events", "bad", f"burn {BURN_SHOWN}"}


@asynccontextmanager
async def on_stage(console: Console, show: Show) -> AsyncIterator[None]:
    """Show the play while the block runs: live on a terminal, else one line for each thing that happens."""
    player = _draw if console.is_terminal else _narrate
    playing = asyncio.create_task(player(console, show), name="demo view")
    try:
        yield
    finally:
        playing.cancel()
        with suppress(asyncio.CancelledError):
            await playing


async def _draw(console: Console, show: Show) -> None:
    with Live(
        console=console, screen=True, auto_refresh=False, redirect_stdout=False, redirect_stderr=False
    ) as live:
        while True:
            live.update(frame(show, monotonic(), console.width), refresh=True)
            await asyncio.sleep(1 / FRAMES_A_SECOND)


async def _narrate(console: Console, show: Show) -> None:
    told: set[int] = set()
    heard = 0
    try:
        while True:
            heard = _tell(console, show, told, heard)
            await asyncio.sleep(1 / LOOKS_A_SECOND)
    finally:
        _tell(console, show, told, heard)


def _tell(console: Console, show: Show, told: set[int], heard: int) -> int:
    """Tell what is new; returns how much of the news has been told."""
    if show.act is not None and show.position not in told:
        told.add(show.position)
        began = f"[{show.act_began_at - show.began_at:5.1f} s]"
        _say(
            console, f"{began} act {show.position + 1} of {len(show.acts)}, {show.act.name}: {show.act.tells}"
        )
    for at, text in show.news[heard:]:
        _say(console, f"[{at - show.began_at:5.1f} s]   {text}")
    return len(show.news)


def _say(console: Console, text: str) -> None:
    console.print(text, markup=False, highlight=False, soft_wrap=True)


def frame(show: Show, now: "Seconds", width: int) -> Layout:
    """The whole picture at a monotonic time, for a terminal of so many columns."""
    is_wide = width >= _WIDE
    layout = Layout()
    layout.split_column(
        Layout(banner(show, now), size=4),
        Layout(name="body", ratio=5),
        Layout(_news(show), ratio=2, minimum_size=5),
    )
    tree = Panel(tree_of(show.picture.tree), title="node")
    layout["body"].split_row(Layout(tree, size=34 if is_wide else 24), Layout(name="right"))
    room = width - (34 if is_wide else 24)
    layout["right"].split_column(
        Layout(objectives(show, is_wide=is_wide), size=7), Layout(_curves(show, room - 26))
    )
    return layout


def banner(show: Show, now: "Seconds") -> Panel:
    """Which act it is, what happens, what it waits for, and the one thing that is not as in earnest."""
    elapsed = now - show.began_at
    hours = nominal_minutes(elapsed) / 60
    declared = f"time windows {TIME_FACTOR:.0f} times shorter: {hours:.0f} h passed in {elapsed:.0f} s"
    act = show.act
    if act is None:
        return Panel(Text("over", style="bold"), title="slokeeper demo", subtitle=declared)
    limits = f"({now - show.act_began_at:.0f} of at most {act.limit:.0f} s)"
    lines = (
        Text.assemble((f"act {show.position + 1} of {len(show.acts)}, {act.name}: ", "bold"), act.tells),
        Text(f"{limits} until: {act.waits_for}", style="dim"),
    )
    for line in lines:
        line.no_wrap, line.overflow = True, "ellipsis"
    return Panel(Group(*lines), title="slokeeper demo", subtitle=declared)


def objectives(show: Show, *, is_wide: bool) -> Table:
    """Every objective of every version: events, burn rate, budget, alerts."""
    table = Table(expand=True, box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, 1 if is_wide else 0))
    for name in ("objective", "of", "events", "bad", f"burn {BURN_SHOWN}", "budget left", "alert"):
        table.add_column(name, justify="right" if name in _FIGURES else "left", no_wrap=True)
    for slo in (AVAILABILITY, LATENCY):
        for version in VERSIONS:
            judged = show.picture.objective(slo, version)
            if judged is not None:
                table.add_row(*_row(show, judged, is_wide=is_wide))
    return table


def _row(show: Show, judged: "Objective", *, is_wide: bool) -> list[Text]:
    burn, left = judged.burn_rates.get(BURN_SHOWN), judged.budget_left
    firing = sorted(
        one.severity
        for one in show.picture.open_alerts()
        if (one.slo, one.version) == (judged.name, judged.version)
    )
    share = "?" if left is None else f"{left:.0%}"
    return [
        Text(judged.name.removeprefix(f"{MODEL}-")),
        Text(judged.version),
        Text(f"{judged.total:,}"),
        Text(f"{judged.total - judged.good:,}"),
        Text("-" if burn is None else f"{burn:.1f}", style="bold red" if (burn or 0) > _BURN_PAGES else ""),
        Text(
            f"{bar(left, _BAR_WIDTH)} {share}" if is_wide else share, style="red" if (left or 0) < 0 else ""
        ),
        Text(" ".join(firing) or "ok", style="bold red" if firing else "green"),
    ]


def _curves(show: Show, width: int) -> Panel:
    """The last half minute of p99 and of the burn rates, full blocks at the values in brackets."""
    lines = [
        _line(f"p99 {version}", show.curves.get(("p99", version), ()), width, 2 * THRESHOLD, _milliseconds)
        for version in VERSIONS
    ]
    for slo in (LATENCY, AVAILABILITY):
        word = "burn" if slo == LATENCY else "errors"
        for version in VERSIONS:
            burned = show.curves.get((slo, version), ())
            lines.append(_line(f"{word} {version}", burned, width, _BURN_TOP, "{:.1f}".format))
    title = (
        f"p99 (full: {_milliseconds(2 * THRESHOLD)}), burn by lateness and by errors (full: {_BURN_TOP:.0f})"
    )
    return Panel(Group(*lines), title=title)


def _milliseconds(value: float) -> str:
    return f"{value * 1000:.0f} ms"


def _line(
    name: str, values: Iterable[float | None], width: int, top: float, tell: Callable[[float], str]
) -> Text:
    known = list(values)
    last = next((value for value in reversed(known) if value is not None), None)
    return Text(
        f"{name:9} {curve(known, width, top):{width}} {'' if last is None else tell(last)}", no_wrap=True
    )


def _news(show: Show) -> Panel:
    lines = [f"{at - show.began_at:5.1f} s  {text}" for at, text in show.news[-_NEWS_KEPT:]]
    # The newest stand on top: what does not fit is cut off below.
    return Panel(Text("\n".join(reversed(lines)), no_wrap=True, overflow="ellipsis"), title="news")
