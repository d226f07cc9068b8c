"""Columns computed from columns."""

import pytest

from actors.replay import SourceError
from actors.replay.expressions import Expression, read_mapping

ROW = {"context": "100", "generated": 50, "status": "503", "kind": "OK", "ms": "12.5"}


@pytest.mark.parametrize(
    ("text", "value"),
    [
        pytest.param("status", "503", id="renamed"),
        pytest.param("'llm'", "llm", id="constant"),
        pytest.param("0.2 + 0.01 * context + 0.1 * generated", pytest.approx(6.2), id="arithmetic"),
        pytest.param("ms / 1000", 0.0125, id="units"),
        pytest.param("-generated", -50, id="sign"),
        pytest.param("'error' if status >= 500 else 'ok'", "error", id="text-compared-with-a-number"),
        pytest.param("lower(kind)", "ok", id="lower"),
        pytest.param("max(generated, float(context), 7)", 100, id="function"),
        pytest.param("'error' if kind != 'OK' else 'ok'", "ok", id="texts-compared"),
    ],
)
def test_value_is_what_the_expression_says(text: str, value: object) -> None:
    assert Expression(text).value(ROW) == value


@pytest.mark.parametrize(
    "text",
    [
        "__import__('os')",
        "context.real",
        "ROW[0]",
        "lambda: 1",
        "[1, 2]",
        "max()",
        "min(context, key=abs)",
        "2 ** 1000000",
        "context and generated",
        "True",
        "1 +",
        "f'{context}'",
        "1 < context < 3",
        "a" * 501,
    ],
)
def test_what_is_no_such_expression_is_refused(text: str) -> None:
    with pytest.raises(SourceError):
        Expression(text)


def test_refusal_teaches_what_an_expression_is_made_of() -> None:
    with pytest.raises(SourceError, match=r"columns, numbers, .*abs, float, lower, max, min"):
        Expression("open('x')")


def test_columns_are_those_that_it_reads() -> None:
    assert Expression("max(a, b) + float(c)").columns == {"a", "b", "c"}


def test_mapping_is_read_by_name() -> None:
    assert (
        read_mapping(("timestamp=TIMESTAMP", "outcome='a' if b == 1 else 'c'"))["timestamp"].text
        == "TIMESTAMP"
    )


@pytest.mark.parametrize("text", ["timestamp", "=a", "a="])
def test_mapping_without_a_name_or_an_expression_is_refused(text: str) -> None:
    with pytest.raises(SourceError, match="NAME=EXPRESSION"):
        read_mapping((text,))
