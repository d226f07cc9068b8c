"""A request that says what its reply is."""

from typing import Generic, TypeVar

R = TypeVar("R")


class Request(Generic[R]):
    """Base of requests whose reply has a known type: `class HowMany(Request[int])`.

    `await ref.call(HowMany())` is an `int` to a type checker. Nothing checks it at run time.
    """

    __slots__ = ()
