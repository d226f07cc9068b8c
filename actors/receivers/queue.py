"""What one receiver is owed, as the receiver sees it."""

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from actors.alerting import outbox
from actors.storage import transact

if TYPE_CHECKING:
    from actors.alerting import Notification
    from supervisor.clock import Seconds
    from supervisor.process import ActorRef


@dataclass(frozen=True, slots=True)
class Owed:
    """One notification that is still to be sent.

    Attributes:
        notification: What.
        attempts: How often it was tried already.
        next_attempt_at: Not before this, unix seconds.
    """

    notification: "Notification"
    attempts: int
    next_attempt_at: "Seconds"


class Queue:
    """One receiver's rows of the outbox, first in, first out.

    Every method may raise `StorageError`, `NoProcessError`, `CallTimeoutError` or `CallFailedError`; it may
    have done its work all the same, and does no harm when it is repeated.

    Args:
        storage: The storage actor.
        receiver: The receiver's name.
    """

    __slots__ = ("_receiver", "_storage")

    def __init__(self, storage: "ActorRef", receiver: str) -> None:
        self._storage, self._receiver = storage, receiver

    async def oldest(self) -> Owed | None:
        """What has been owed the longest; None if nothing is."""
        row = await transact(self._storage, partial(outbox.oldest_owed, receiver=self._receiver))
        return None if row is None else Owed(row.notification, row.attempts, row.next_attempt_at)

    async def sent(self, owed: Owed, now: "Seconds") -> None:
        """It has been taken, at `now`, unix seconds."""
        await transact(
            self._storage,
            partial(
                outbox.mark_sent, notification_id=owed.notification.id, attempts=owed.attempts + 1, now=now
            ),
        )

    async def again(self, owed: Owed, at: "Seconds", why: str) -> None:
        """It has not been taken, and is to be tried again at `at`, unix seconds; `why` is for people."""
        await transact(
            self._storage,
            partial(
                outbox.mark_again,
                notification_id=owed.notification.id,
                attempts=owed.attempts + 1,
                at=at,
                why=why,
            ),
        )

    async def dead(self, owed: Owed, now: "Seconds", why: str) -> None:
        """It has been given up, at `now`, unix seconds; `why` is for people."""
        await transact(
            self._storage,
            partial(
                outbox.mark_dead,
                notification_id=owed.notification.id,
                attempts=owed.attempts + 1,
                now=now,
                why=why,
            ),
        )
