"""What can be asked of the alerts and the outbox."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from actors.alerting import ledger, outbox
from actors.storage import transact

if TYPE_CHECKING:
    from supervisor.process import ActorRef


async def alerts_rows(storage: "ActorRef") -> list[Mapping[str, object]]:
    """One row for each alert that is known: the open ones first, then the newest.

    Returns:
        With the keys `labels`, `annotations`, `state`, `fired_at` and `resolved_at` (RFC 3339 in UTC, or
        None), `dedup_key`.

    Raises:
        StorageError, NoProcessError, CallTimeoutError, CallFailedError: As `transact`.
    """
    return await transact(storage, ledger.rows)


async def outbox_counts(storage: "ActorRef") -> dict[str, dict[str, int]]:
    """By receiver, how many of its notifications are `sent`, `pending` and `dead`.

    Raises:
        StorageError, NoProcessError, CallTimeoutError, CallFailedError: As `transact`.
    """
    return await transact(storage, outbox.count)
