"""How a child is started, restarted and stopped."""

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, TypeAlias, get_args

from supervisor.errors import BadChildSpecError
from supervisor.process.mailbox import WhenEnded
from supervisor.tree.strategy import RestartType

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from supervisor.clock import Seconds
    from supervisor.process.actor import Actor
    from supervisor.process.bounded_mailbox import MailboxLimit
    from supervisor.tree.backoff import Backoff

Shutdown: TypeAlias = "Seconds | Literal['brutal_kill', 'infinity']"
Kind: TypeAlias = Literal["worker", "supervisor"]


@dataclass(frozen=True, slots=True)
class ChildSpec:
    """How a child is started, restarted and stopped.

    Attributes:
        id: Its name among its siblings; with its supervisor's path before it, the name it is found by.
        start: Makes the actor, from `args` and `kwargs`; called anew for every incarnation.
        args: Positional arguments of `start`.
        kwargs: Keyword arguments of `start`.
        restart: `permanent` always, `transient` after an abnormal end, `temporary` never.
        shutdown: Seconds from being asked to stop to being killed, >= 0; `infinity` waits for ever,
            `brutal_kill` does not ask.
        kind: `supervisor` for one that has children itself.
        backoff: Delays between restarts; None restarts at once, as OTP does.
        mailbox: `keep` lets unread messages wait for the next incarnation, at the cost of the one in hand;
            `drop` loses them with their actor, as OTP does, but counted and reported.
        mailbox_limit: How many messages may wait; None for any number, as in OTP.

    Source:
        OTP's child specification. Differs: `shutdown` is in seconds; `backoff` and `mailbox` are ours.
    """

    id: str
    start: "Callable[..., Actor]"
    args: "tuple[object, ...]" = ()
    kwargs: "Mapping[str, object]" = field(default_factory=dict)
    restart: RestartType = "permanent"
    shutdown: Shutdown = 5.0
    kind: Kind = "worker"
    backoff: "Backoff | None" = None
    mailbox: WhenEnded = "drop"
    mailbox_limit: "MailboxLimit | None" = None

    def __post_init__(self) -> None:
        given: object = self.id  # what a caller without a type checker may have put there
        if not isinstance(given, str) or not given or "/" in given:
            raise BadChildSpecError(f"child id must be a non-empty string without '/', got {self.id!r}")
        if not callable(self.start):
            raise self._bad("start", "be callable", self.start)
        for key, allowed in (("restart", RestartType), ("kind", Kind), ("mailbox", WhenEnded)):
            if getattr(self, key) not in get_args(allowed):
                raise self._bad(
                    key, f"be one of {', '.join(map(repr, get_args(allowed)))}", getattr(self, key)
                )
        if not _is_shutdown(self.shutdown):
            raise self._bad("shutdown", "be 'brutal_kill', 'infinity' or seconds >= 0", self.shutdown)

    def _bad(self, key: str, wanted: str, got: object) -> BadChildSpecError:
        return BadChildSpecError(f"child {self.id!r}: {key} must {wanted}, got {got!r}")


def _is_shutdown(value: object) -> bool:
    if isinstance(value, bool):
        return False
    return (
        value in {"brutal_kill", "infinity"}
        if isinstance(value, str)
        else isinstance(value, int | float) and value >= 0
    )


def check_unique_ids(specs: "Iterable[ChildSpec]") -> None:
    """Refuse two children of one id.

    Raises:
        BadChildSpecError: Naming the id.
    """
    for child_id, count in Counter(spec.id for spec in specs).items():
        if count > 1:
            raise BadChildSpecError(
                f"child id {child_id!r} stands {count} times among its siblings; ids must differ"
            )
