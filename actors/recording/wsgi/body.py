"""A response that tells how far the server has come with it."""

from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from actors.recording.wsgi.answer import Answer


class Body:
    """The parts of a response of unknown length, as the application gives them.

    Args:
        parts: The application's.
        answer: Told what happens.
    """

    __slots__ = ("_answer", "_next", "_parts")

    def __init__(self, parts: "Iterable[bytes]", answer: "Answer") -> None:
        self._parts, self._answer = parts, answer
        self._next = iter(parts).__next__

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> bytes:
        part = self._next_part()
        self._answer.streams(part)
        return part

    def close(self) -> None:
        """Let the application clean up, then end the prediction."""
        _close(getattr(self._parts, "close", None), self._answer)

    def __del__(self) -> None:
        # A server that forgets to close is not to lose a prediction.
        self._answer.over()

    def _next_part(self) -> bytes:
        try:
            return self._next()
        except StopIteration:
            self._answer.seen.is_whole = True
            raise
        except BaseException as error:
            self._answer.raised(error)
            raise


class SizedBody(Body):
    """One that says of how many parts it is: no stream.

    Of a single part the server makes a Content-Length, so the number must stay known.
    """

    __slots__ = ()

    def __len__(self) -> int:
        return len(self._parts)  # type: ignore[arg-type]

    def __next__(self) -> bytes:
        return self._next_part()


def tells_its_close(file: object, answer: "Answer") -> bool:
    """Have a response that must stay the object it is tell its close; False if it cannot be made to.

    How much of it was sent is for the server to know: it counts as whole unless sending it failed.
    """
    close = getattr(file, "close", None)
    try:
        file.close = lambda: _close(close, answer)  # type: ignore[attr-defined]
    except AttributeError:
        return False
    answer.seen.is_whole = True
    return True


def _close(close: "Callable[[], object] | None", answer: "Answer") -> None:
    answer.closes()
    try:
        if close is not None:
            close()
    finally:
        answer.over()
