"""What a block's events were."""

import asyncio

from supervisor import Supervisor, start_tree, telemetry
from supervisor.telemetry.bus import execute
from supervisor.testing import ScriptedChild, captured, crash_after, settle

RESTARTED = ("supervisor", "child", "restarted")


async def test_events_come_in_order_with_the_time_at_which_they_came() -> None:
    child = ScriptedChild("one", crash_after(2.0))
    with captured(RESTARTED) as events:
        async with start_tree(Supervisor.spec("root", [child.spec()])):
            await asyncio.sleep(4.0)
            await settle()
    assert [(event.at, event.metadata["path"]) for event in events] == [(2.0, "one"), (4.0, "one")]


def test_without_names_everything_in_the_catalogue_is_heard() -> None:
    with captured() as events:
        for name in telemetry.EVENTS:
            execute(name)
    assert [event.name for event in events] == list(telemetry.EVENTS)


def test_nothing_is_heard_after_the_block() -> None:
    with captured(RESTARTED) as events:
        pass
    execute(RESTARTED)
    assert events == []
    assert not telemetry.has_handlers(RESTARTED)


def test_blocks_may_be_nested() -> None:
    with captured(RESTARTED) as outer, captured(RESTARTED) as inner:
        execute(RESTARTED)
    assert (len(outer), len(inner)) == (1, 1)
