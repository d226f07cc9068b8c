"""One running actor: what it is written as, how it is addressed, how it waits, runs and ends."""

from supervisor.process.actor import Actor
from supervisor.process.bounded_mailbox import MailboxLimit
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
from supervisor.process.inspection import (
    ProcessInfo,
    Status,
    get_state,
    get_status,
    process_info,
    replace_state,
    resume,
    suspend,
)
from supervisor.process.ref import ActorRef, Pid
from supervisor.process.registry import Entry, Registered, Registrar, RegistryRef, Unregistered, Via
from supervisor.process.request import Request
from supervisor.process.results import (
    IDLE,
    IGNORE,
    NO_REPLY,
    POSTPONE,
    Continue,
    Down,
    Exit,
    Idle,
    Info,
    Reply,
    Stop,
)
from supervisor.process.system import ActorSystem
from supervisor.process.timers import Timer

__all__ = [
    "IDLE",
    "IGNORE",
    "KILLED",
    "NORMAL",
    "NO_PROCESS",
    "NO_REPLY",
    "POSTPONE",
    "SHUTDOWN",
    "Actor",
    "ActorRef",
    "ActorSystem",
    "Caller",
    "Continue",
    "Crashed",
    "Down",
    "Entry",
    "Exit",
    "ExitReason",
    "Idle",
    "Info",
    "Killed",
    "MailboxLimit",
    "NoProcess",
    "Normal",
    "Pid",
    "ProcessInfo",
    "Registered",
    "Registrar",
    "RegistryRef",
    "Reply",
    "Request",
    "Shutdown",
    "Status",
    "Stop",
    "Timer",
    "Unregistered",
    "Via",
    "get_state",
    "get_status",
    "is_abnormal",
    "process_info",
    "replace_state",
    "resume",
    "suspend",
]
