"""What a span tells of an exception."""

import gc
import weakref

from actors.recording.tracing.failure import error_type, exception_attributes


class Unfit(Exception):  # noqa: N818  a name for what went wrong in a model
    """The model's own error."""


class Input:
    """Something that somebody sent."""


def failure(said: str = "card 4111") -> Unfit:
    try:
        _score(Input(), said)
    except Unfit as error:
        return error
    raise AssertionError


def _score(given: Input, said: str) -> None:
    raise Unfit(said, given)


def test_type_and_place_are_told_but_not_what_it_says() -> None:
    told = exception_attributes(failure(), with_text=False)
    assert told.keys() == {"exception.type", "exception.stacktrace"}
    assert told["exception.type"] == f"{__name__}.Unfit"
    assert "in _score\n" in told["exception.stacktrace"]
    assert "4111" not in str(told)


def test_what_it_says_is_told_where_that_is_asked_for() -> None:
    told = exception_attributes(failure(), with_text=True)
    assert "4111" in told["exception.message"]
    assert told["exception.stacktrace"].endswith(told["exception.message"])


def test_builtin_has_its_bare_name() -> None:
    assert error_type(ZeroDivisionError) == "ZeroDivisionError"


def test_deep_recursion_is_told_by_its_innermost_frames() -> None:
    def deep(left: int) -> None:
        if left == 0:
            raise Unfit
        deep(left - 1)

    try:
        deep(200)
    except Unfit as error:
        told = exception_attributes(error, with_text=False)
    assert told["exception.stacktrace"].count("\n") == 51


def test_nothing_holds_on_to_the_input() -> None:
    error = failure()
    given = weakref.ref(error.args[1])
    told = exception_attributes(error, with_text=False)
    del error
    gc.collect()
    assert told
    assert given() is None
