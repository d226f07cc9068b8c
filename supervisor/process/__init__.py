"""One running actor: what it is written as, how it is addressed, how it waits, runs and ends."""

from supervisor.process.actor import IGNORE, NO_REPLY, Actor, Continue, Down, Exit, Reply, Stop
from supervisor.process.caller import Caller
from supervisor.process.exits import (
    KILLED,
    NO_PROCESS,
    NORMAL,
    SHUTDOWN,
    Crashed,
    ExitReason,
    Killed,
    NoProcess,
    Normal,
    Shutdown,
    is_abnormal,
)
from supervisor.process.ref import ActorRef, Pid
from supervisor.process.system import ActorSystem
from supervisor.process.timers import Timer

__all__ = [
    "IGNORE",
    "KILLED",
    "NORMAL",
    "NO_PROCESS",
    "NO_REPLY",
    "SHUTDOWN",
    "Actor",
    "ActorRef",
    "ActorSystem",
    "Caller",
    "Continue",
    "Crashed",
    "Down",
    "Exit",
    "ExitReason",
    "Killed",
    "NoProcess",
    "Normal",
    "Pid",
    "Reply",
    "Shutdown",
    "Stop",
    "Timer",
    "is_abnormal",
]
