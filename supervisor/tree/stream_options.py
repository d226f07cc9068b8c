"""What a stream of tasks can be told, and what it refuses."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, TypeAlias, TypedDict, get_args

from supervisor.tree.dynamic_options import is_count
from supervisor.tree.partition_options import cores
from supervisor.tree.task import check_timeout
from supervisor.tree.task_run import SHUTDOWN_SECONDS, spec_of

if TYPE_CHECKING:
    from supervisor.clock import Seconds
    from supervisor.tree.child_spec import Shutdown as ShutdownLimit

OnItemTimeout: TypeAlias = Literal["raise", "kill"]


class StreamOptions(TypedDict, total=False):
    """Keyword arguments of `async_stream`; `StreamPlan` says what they mean."""

    max_concurrency: int
    ordered: bool
    timeout: "Seconds | None"
    on_timeout: OnItemTimeout
    zip_input_on_exit: bool
    link: bool
    shutdown: "ShutdownLimit"


@dataclass(frozen=True, slots=True)
class StreamPlan:
    """How a stream goes.

    Attributes:
        max_concurrency: So many tasks run at once at most, >= 1; by default, as many as there are cores.
        ordered: Whether outcomes come in the order of the input, and wait, any number of them, for a slower
            one before them; or as they are there.
        timeout: Seconds that each task may take, >= 0; None sets no limit.
        on_timeout: What becomes of one that takes longer: `raise` ends the whole iteration with
            TaskTimeoutError; `kill` kills it, and its outcome is an `Exited` by that error.
        zip_input_on_exit: Whether an `Exited` has its item in `input`.
        link: Whether the tasks end with their owner, however that ends; and whether a failure ends it, if it
            is an actor that does not trap exits. It gets no `Exit` messages.
        shutdown: Limit of each task, as in `ChildSpec`, at the end of its supervisor or of the iteration.

    Raises:
        ValueError: One cannot work.
    """

    max_concurrency: int = field(default_factory=cores)
    ordered: bool = True
    timeout: "Seconds | None" = 5.0
    on_timeout: OnItemTimeout = "raise"
    zip_input_on_exit: bool = False
    link: bool = True
    shutdown: "ShutdownLimit" = SHUTDOWN_SECONDS

    def __post_init__(self) -> None:
        limit: object = self.max_concurrency  # what a caller without a type checker may have put there
        if not is_count(limit, at_least=1):
            raise ValueError(f"max_concurrency must be a whole number >= 1, got {limit!r}")
        check_timeout(self.timeout)
        if self.on_timeout not in get_args(OnItemTimeout):
            raise ValueError(f"on_timeout must be 'raise' or 'kill', got {self.on_timeout!r}")
        spec_of("temporary", self.shutdown)
