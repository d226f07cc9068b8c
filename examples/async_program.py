"""A program with a loop of its own: the monitor runs on it, beside the work.

    python examples/async_program.py

A task that blocks the loop blocks the monitor with it, alerts included. `with monitor:` gives it a thread of
its own, in a program like this one too.
"""

import asyncio
import os

import httpx

import actors
from actors.config import NodeSettings, ObjectiveSettings, Settings

PROMISE = ObjectiveSettings(name="availability", sli="availability", match={"model": "echo"}, objective=0.999)
LISTEN = os.environ.get("SLOKEEPER_LISTEN", "127.0.0.1:0")

monitor = actors.Monitor(Settings(node=NodeSettings(listen=LISTEN, data_dir=""), slos=(PROMISE,)))
echo = monitor.model("echo", version="1.0")


@echo.observe
async def predict(number: int) -> int:
    """The model; every tenth request is one too many for it."""
    await asyncio.sleep(0.001)
    if number % 10 == 0:
        raise OverflowError(number)
    return number


async def main() -> None:
    """Predict in 200 tasks, cancel one of them, and show what was counted."""
    async with monitor:
        tasks = [asyncio.create_task(predict(number)) for number in range(200)]
        await asyncio.sleep(0)
        tasks[1].cancel()
        await asyncio.wait(tasks)
        failed = [task for task in tasks if not task.cancelled() and task.exception() is not None]
        print(f"{len(failed)} failed, {sum(task.cancelled() for task in tasks)} cancelled")
        async with httpx.AsyncClient() as client:
            page = (await client.get(f"{monitor.url}/metrics")).text
    wanted = ("model_requests_total", "model_errors_total")
    print(*(line for line in page.splitlines() if line.startswith(wanted)), sep="\n")


if __name__ == "__main__":
    asyncio.run(main())
