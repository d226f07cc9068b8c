"""thespian, with all actors in one thread (`simpleSystemBase`): sending runs the handler there and then.

What it has no supervisors for is left out: a message that fails is tried again, then dropped.
"""

from datetime import timedelta
from typing import Final

from thespian.actors import Actor, ActorExitRequest, ActorSystem

from benchmarks.peers.script import Figures, main
from benchmarks.peers.taking import CHILDREN, Stopwatch, seconds_of_plain_calls

TIMEOUT: Final = timedelta(seconds=5)


class Counter(Actor):
    """Counts what it is sent, and answers a question."""

    count = 0

    def receiveMessage(self, message: object, sender: object) -> None:  # noqa: N802  thespian's word
        if message == "count":
            self.send(sender, self.count)
        elif not isinstance(message, ActorExitRequest):
            self.count += 1


def system() -> ActorSystem:
    return ActorSystem("simpleSystemBase", logDefs={"version": 1, "loggers": {}, "handlers": {}})


def cast(size: int) -> Figures:
    running = system()
    counter = running.createActor(Counter)
    watch = Stopwatch()
    for number in range(size):
        running.tell(counter, number)
    assert running.ask(counter, "count", TIMEOUT) == size
    return {"cast": size / watch.seconds()}


def call(size: int) -> Figures:
    running = system()
    counter = running.createActor(Counter)
    return {"call": seconds_of_plain_calls(lambda: running.ask(counter, "count", TIMEOUT), size) * 1e6}


def spawn(size: int) -> Figures:
    running = system()
    watch = Stopwatch()
    counters = [running.createActor(Counter) for _ in range(size)]
    running.ask(counters[-1], "count", TIMEOUT)
    return {"spawn": watch.micros_each(size), "spawn_memory": watch.kilobytes_each(size)}


def stop(size: int) -> Figures:
    running = system()
    counters = [running.createActor(Counter) for _ in range(size)]
    running.ask(counters[-1], "count", TIMEOUT)
    watch = Stopwatch()
    for one in counters:
        running.tell(one, ActorExitRequest())
    return {"stop": watch.millis_for(CHILDREN, size)}


if __name__ == "__main__":
    main("thespian", {doing.__name__: doing for doing in (cast, call, spawn, stop)})
