"""What can be asked of the record of actions."""

from typing import TYPE_CHECKING

from actors.policy import ledger
from actors.storage import transact

if TYPE_CHECKING:
    from collections.abc import Mapping

    from supervisor.process import ActorRef


async def action_rows(storage: "ActorRef") -> "list[Mapping[str, object]]":
    """One row for each run of an action, the newest first; 500 at most.

    Returns:
        With the keys `id`, `action`, `slo`, `group`, `at`, `state` (`pending`, `done` or `failed`),
        `attempts`, `ended_at`, `answer`, `budget_left` and `why`; times in RFC 3339 in UTC, or None.

    Raises:
        StorageError, NoProcessError, CallTimeoutError, CallFailedError: As `transact`.
    """
    return await transact(storage, ledger.rows)
