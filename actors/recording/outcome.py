"""How a prediction can end."""

import asyncio
from typing import Final, Literal, TypeAlias

Outcome: TypeAlias = Literal["ok", "error", "cancelled", "invalid"]
"""`ok` and `error` make the total. `cancelled` (nobody waits for it any more) and `invalid` (its input was
refused) say nothing about the model: they are counted beside it."""

_CALLED_OFF: Final = (asyncio.CancelledError, GeneratorExit, KeyboardInterrupt)


def outcome_of(error: BaseException, invalid: tuple[type[Exception], ...] = ()) -> Outcome:
    """What the exception that ended a prediction says of the model.

    A cancellation, a generator that was left and Ctrl-C come from whoever asked: `cancelled`. `SystemExit` is
    that too where it ends the program in order, `sys.exit()`; with a code of failure it is an error, since it
    is what a library that gives up raises, and a worker that is ended for having hung. A group is what its
    members are if all of them are outside the total, `invalid` if any is; everything else is an error.

    Args:
        error: What was raised.
        invalid: Types of exceptions by which this model refuses its input.
    """
    outcome: Outcome = "cancelled"
    waiting = [error]
    while waiting:
        one = waiting.pop()
        if isinstance(one, invalid):
            outcome = "invalid"
        elif isinstance(one, BaseExceptionGroup):
            waiting.extend(one.exceptions)
        elif not _is_called_off(one):
            return "error"
    return outcome


def _is_called_off(error: BaseException) -> bool:
    return not error.code if isinstance(error, SystemExit) else isinstance(error, _CALLED_OFF)
