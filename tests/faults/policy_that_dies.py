"""A process of its own that has an action run, and kills itself without a word at a chosen point.

Usage: python -m tests.faults.policy_that_dies DATA_DIR URL decided|called|never
"""

import asyncio
import os
import signal
import sys
from pathlib import Path

from actors.config import Secret
from actors.policy import Action
from actors.storage import Database
from supervisor import telemetry
from tests.policy.offices import Fixed, office


def die(*_: object) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


async def main(directory: str, url: str, point: str) -> None:
    action = Action(name="freeze", on="exhausted", url=Secret(url))
    if point == "called":
        action = Action(name="freeze", on="exhausted", function=die)
    if point == "decided":
        telemetry.attach("die", ("action", "decided"), die)
    async with office(Fixed(action), Database(Path(directory))) as running:
        if point != "never":
            running.say(-0.02)
        await running.ended()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:4]))
