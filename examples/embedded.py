"""One observed function, and what its error budget looks like afterwards.

    python examples/embedded.py

The settings stand in the program here; `actors.Monitor.from_config("config.toml")` reads them from a file.
Beside what this prints stand the monitor's own log lines, one for each check of a promise.
"""

import math
import threading
from collections.abc import Mapping

import actors
from actors.config import NodeSettings, ObjectiveSettings, Settings

FAST_FORWARD = 120.0
"""So that the example need not wait for a real minute to end: two minutes pass in a second."""


def settings() -> Settings:
    """One promise: 99 % of the predictions succeed, over thirty days. Nothing is kept, nothing is served."""
    promise = ObjectiveSettings(
        name="square-roots", sli="availability", match={"model": "roots"}, objective=0.99
    )
    return Settings(
        node=NodeSettings(listen="", data_dir="", drain_every=0.05, time_factor=FAST_FORWARD), slos=(promise,)
    )


def watch(numbers: list[float]) -> Mapping[str, object]:
    """Predict each number's root under a monitor, and return what is said of the promise."""
    monitor = actors.Monitor(settings())
    roots = monitor.model("roots", version="1.0")

    @roots.observe
    def root(number: float) -> float:
        if number < 0:
            raise ValueError(f"no root of {number}")
        return math.sqrt(number)

    with monitor:
        for number in numbers:
            try:
                root(number)
            except ValueError as error:
                print("the caller sees it too:", error)
        return judged(monitor, len(numbers))


def judged(monitor: actors.Monitor, count: int) -> Mapping[str, object]:
    """Wait until the minute of the last prediction has ended and has been judged.

    Raises:
        TimeoutError: It was not, within ten seconds.
    """
    pause = threading.Event()
    for _ in range(500):
        for row in monitor.slos():
            if row["total_events"] == count:
                return row
        pause.wait(0.02)
    raise TimeoutError(f"{count} predictions were not judged within 10 s")


def main() -> None:
    """Predict 1,000 times, of which four fail."""
    row = watch([float(number) for number in range(996)] + [-1.0, -2.0, -3.0, -4.0])
    print(f"{row['good_events']} of {row['total_events']} predictions were good")
    print(f"error budget left: {float(str(row['budget_left'])):.0%}; {row['verdict']}")


if __name__ == "__main__":
    main()
