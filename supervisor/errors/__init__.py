"""Every error a caller of this package may want to catch.

Facts stand in attributes; the message is built in the class, in one place for each.
"""

from supervisor.errors.base import (
    ClockWentBackwardsError,
    SupervisorError,
)
from supervisor.errors.isolation import (
    CannotCrossError,
    FarError,
    PredecessorRunsError,
    ProcessExitedError,
    ProcessGarbledError,
    ProcessHungError,
    ProcessSignalledError,
)
from supervisor.errors.messages import (
    BadReturnError,
    CallFailedError,
    CallingSelfError,
    CallTimeoutError,
    MailboxFullError,
    NoProcessError,
    StopFailedError,
)
from supervisor.errors.names import (
    AlreadyRegisteredError,
    BadNameError,
    KeyNotOwnedError,
    LockHeldError,
    OwnerEndedError,
    RegistryKeysError,
    RegistryNotFoundError,
)
from supervisor.errors.starts import (
    AlreadyStartedError,
    MaxRestartsExceededError,
    StartFailedError,
    StartTimeoutError,
)
from supervisor.errors.supervision import (
    AlreadyPresentError,
    BadChildSpecError,
    BadTreeError,
    ChildNotFoundError,
    ChildStateError,
    MaxChildrenError,
    NoPartitionsError,
    PartitionCountError,
    RequestRefusedError,
)
from supervisor.errors.tasks import (
    TaskFailedError,
    TaskOwnerError,
    TaskSpentError,
    TaskTimeoutError,
)

__all__ = [
    "AlreadyPresentError",
    "AlreadyRegisteredError",
    "AlreadyStartedError",
    "BadChildSpecError",
    "BadNameError",
    "BadReturnError",
    "BadTreeError",
    "CallFailedError",
    "CallTimeoutError",
    "CallingSelfError",
    "CannotCrossError",
    "ChildNotFoundError",
    "ChildStateError",
    "ClockWentBackwardsError",
    "FarError",
    "KeyNotOwnedError",
    "LockHeldError",
    "MailboxFullError",
    "MaxChildrenError",
    "MaxRestartsExceededError",
    "NoPartitionsError",
    "NoProcessError",
    "OwnerEndedError",
    "PartitionCountError",
    "PredecessorRunsError",
    "ProcessExitedError",
    "ProcessGarbledError",
    "ProcessHungError",
    "ProcessSignalledError",
    "RegistryKeysError",
    "RegistryNotFoundError",
    "RequestRefusedError",
    "StartFailedError",
    "StartTimeoutError",
    "StopFailedError",
    "SupervisorError",
    "TaskFailedError",
    "TaskOwnerError",
    "TaskSpentError",
    "TaskTimeoutError",
]
