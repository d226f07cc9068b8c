"""pykka: a thread and a queue for each actor. It has no supervisors: one that crashed stays dead."""

import threading

import pykka

from benchmarks.peers.script import Figures, main
from benchmarks.peers.taking import (
    CHILDREN,
    ENDLESS,
    PRODUCERS,
    Stopwatch,
    seconds_of_plain_calls,
)


class Counter(pykka.ThreadingActor):
    """Counts what it is sent, and says when it has had all."""

    use_daemon_thread = True

    def __init__(self, wanted: int = ENDLESS) -> None:
        super().__init__()
        self.count, self.wanted, self.done = 0, wanted, threading.Event()

    def on_receive(self, message: object) -> int:
        self.count += 1
        if self.count == self.wanted:
            self.done.set()
        return self.count


def counting(size: int) -> "tuple[pykka.ActorRef[Counter], threading.Event]":
    reference = Counter.start(size)
    return reference, reference.proxy().done.get()


def cast(size: int) -> Figures:
    counter, done = counting(size)
    watch = Stopwatch()
    for number in range(size):
        counter.tell(number)
    done.wait()
    return {"cast": size / watch.seconds()}


def fan_in(size: int) -> Figures:
    counter, done = counting(size)

    def produce() -> None:
        for number in range(size // PRODUCERS):
            counter.tell(number)

    producers = [threading.Thread(target=produce) for _ in range(PRODUCERS)]
    watch = Stopwatch()
    for one in producers:
        one.start()
    done.wait()
    return {"fan_in": size / watch.seconds()}


def call(size: int) -> Figures:
    counter = Counter.start()
    return {"call": seconds_of_plain_calls(lambda: counter.ask(1, timeout=5.0), size) * 1e6}


def spawn(size: int) -> Figures:
    watch = Stopwatch()
    for _ in range(size):
        Counter.start()
    return {"spawn": watch.micros_each(size), "spawn_memory": watch.kilobytes_each(size)}


def stop(size: int) -> Figures:
    for _ in range(size):
        Counter.start()
    watch = Stopwatch()
    pykka.ActorRegistry.stop_all()
    return {"stop": watch.millis_for(CHILDREN, size)}


if __name__ == "__main__":
    main("pykka", {doing.__name__: doing for doing in (cast, fan_in, call, spawn, stop)})
