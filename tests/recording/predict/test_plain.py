"""Plain functions, observed."""

from collections.abc import Callable

import pytest

from actors.recording import Model
from tests.recording.predict.counted import Refused, Unfit, outcomes


def test_plain_function_returns_what_it_did_and_is_counted(model: Model) -> None:
    @model.observe
    def score(amount: float, *more: float, scale: float = 1.0) -> float:
        return (amount + sum(more)) * scale

    assert (score(1.0), score(1.0, 2.0, scale=10.0), score(amount=4.0)) == (1.0, 30.0, 4.0)
    assert outcomes(model) == (3, 0, 0, 0)


def test_plain_function_raises_its_own_error_and_is_counted_as_failed(model: Model) -> None:
    error = Unfit("no such feature")

    @model.observe
    def score() -> None:
        raise error

    with pytest.raises(Unfit) as caught:
        score()
    assert caught.value is error
    assert outcomes(model) == (0, 1, 0, 0)


def test_method_is_observed_as_it_stands(model: Model) -> None:
    class Classifier:
        bias = 1

        @model.observe
        def score(self, amount: int) -> int:
            """Score one."""
            return amount + self.bias

    assert Classifier().score(2) == 3
    assert outcomes(model) == (1, 0, 0, 0)
    assert (Classifier.score.__name__, Classifier.score.__doc__) == ("score", "Score one.")


@pytest.mark.parametrize(
    ("error", "counted"),
    [
        pytest.param(Unfit(), (0, 1, 0, 0), id="error"),
        pytest.param(Refused(), (0, 0, 0, 1), id="declared-as-invalid-input"),
        pytest.param(KeyboardInterrupt(), (0, 0, 1, 0), id="ctrl-c"),
        pytest.param(SystemExit(0), (0, 0, 1, 0), id="orderly-exit"),
        pytest.param(SystemExit(1), (0, 1, 0, 0), id="exit-with-a-failure"),
        pytest.param(ExceptionGroup("both", [Refused(), Refused()]), (0, 0, 0, 1), id="group-of-invalid"),
        pytest.param(ExceptionGroup("both", [Refused(), Unfit()]), (0, 1, 0, 0), id="group-with-an-error"),
    ],
)
def test_what_it_raises_says_how_it_is_counted(
    model: Model, error: BaseException, counted: tuple[int, int, int, int]
) -> None:
    @model.observe
    def score() -> None:
        raise error

    with pytest.raises(type(error)) as raised:
        score()
    assert raised.value is error
    assert outcomes(model) == counted


@pytest.mark.parametrize("wrapper", [classmethod, staticmethod])
def test_what_is_no_function_is_refused_where_it_is_observed(
    model: Model, wrapper: Callable[[object], Callable[[], None]]
) -> None:
    with pytest.raises(TypeError, match=r"observe takes a function, got <.*put observe below the rest"):
        model.observe(wrapper(lambda: None))
