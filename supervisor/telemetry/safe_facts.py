"""What of a failure may stand in a log.

A log travels further than a program: what an exception says may hold a password or a customer's name. So a
crash is told by the types of its exceptions and the line that raised.
"""

from pathlib import PurePath
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator


def facts_of(reason: object) -> dict[str, str]:
    """What of an exit reason is safe to tell."""
    facts = {"reason": type(reason).__name__.lower()}
    # By their shape: the classes of reasons stand above this package.
    match reason:
        case (
            (BaseException() as error)
            | object(exception=BaseException() as error)
            | object(detail=BaseException() as error)
        ):
            facts |= facts_of_error(error)
    return facts


def facts_of_error(error: BaseException) -> dict[str, str]:
    """What of an exception is safe to tell: its type and those of its causes, and where it all began."""
    chain = list(_causes(error))
    return {"error": " from ".join(type(one).__name__ for one in chain), "raised_at": _place(chain[-1])}


def _causes(error: BaseException) -> "Iterator[BaseException]":
    """An exception and what it was raised from, to the first."""
    seen: set[int] = set()
    cause: BaseException | None = error
    while cause is not None and id(cause) not in seen:
        seen.add(id(cause))
        yield cause
        cause = cause.__cause__


def _place(error: BaseException) -> str:
    """Where it was raised, `"clerk.py:12 in Clerk.handle_cast"`."""
    step = error.__traceback__
    if step is None:
        return "unknown"
    while step.tb_next is not None:
        step = step.tb_next
    code = step.tb_frame.f_code
    return f"{PurePath(code.co_filename).name}:{step.tb_lineno} in {code.co_qualname}"
