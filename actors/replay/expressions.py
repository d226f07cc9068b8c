"""Columns computed from columns: arithmetic and comparisons on the values of a row, and nothing else."""

import ast
import operator
from collections.abc import Callable, Mapping
from typing import Final, TypeAlias

from actors.replay.errors import SourceError

Value: TypeAlias = float | str
_Compiled: TypeAlias = Callable[[Mapping[str, object]], Value]

_ARITHMETIC: Final[Mapping[type[ast.operator], Callable[[float, float], float]]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.FloorDiv: operator.floordiv,
    ast.Mod: operator.mod,
}
_COMPARISONS: Final[Mapping[type[ast.cmpop], Callable[[Value, Value], bool]]] = {
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
    ast.Lt: lambda one, other: _number(one) < _number(other),
    ast.LtE: lambda one, other: _number(one) <= _number(other),
    ast.Gt: lambda one, other: _number(one) > _number(other),
    ast.GtE: lambda one, other: _number(one) >= _number(other),
}


def _number(value: Value) -> float:
    if isinstance(value, str):
        return float(value)
    return value


_FUNCTIONS: Final[Mapping[str, Callable[..., Value]]] = {
    "min": lambda *values: min(map(_number, values)),
    "max": lambda *values: max(map(_number, values)),
    "abs": lambda value: abs(_number(value)),
    "float": _number,
    "lower": lambda value: str(value).lower(),
}
_MOST_CHARACTERS: Final = 500
_TEACHES: Final = (
    "an expression is made of columns, numbers, \"texts\", + - * / // %, comparisons, 'a if b else c' and "
    + ", ".join(sorted(_FUNCTIONS))
)


class Expression:
    """One column's values from those of others.

    Args:
        text: Such as `0.2 + 0.03 * GeneratedTokens`, or `"error" if status >= 500 else "ok"`. A text in
            quotes is a constant; texts of digits count as numbers in arithmetic.

    Attributes:
        text: As given.
        columns: Those it reads.

    Raises:
        SourceError: It is no such expression.
    """

    __slots__ = ("_value", "columns", "text")

    def __init__(self, text: str) -> None:
        self.text = text
        if len(text) > _MOST_CHARACTERS:
            raise SourceError(f"an expression must have at most {_MOST_CHARACTERS} characters")
        try:
            tree = ast.parse(text.strip(), mode="eval").body
        except (SyntaxError, ValueError, RecursionError):
            raise SourceError(f"{text!r} cannot be read; {_TEACHES}") from None
        functions = {id(node.func) for node in ast.walk(tree) if isinstance(node, ast.Call)}
        self.columns = frozenset(
            node.id for node in ast.walk(tree) if isinstance(node, ast.Name) and id(node) not in functions
        )
        self._value = _compiled(tree)

    def value(self, row: Mapping[str, object]) -> Value:
        """Of one row, which must have the columns.

        Raises:
            ValueError, ArithmeticError: Its values do not allow it.
        """
        return self._value(row)


def read_mapping(texts: "tuple[str, ...]") -> dict[str, Expression]:
    """`NAME=EXPRESSION` of each, by the column that it makes.

    Raises:
        SourceError: One is not of that form.
    """
    found: dict[str, Expression] = {}
    for text in texts:
        name, is_given, expression = text.partition("=")
        if not (is_given and name.strip() and expression.strip()):
            raise SourceError(f"a mapping must be NAME=EXPRESSION, such as timestamp=TIMESTAMP, got {text!r}")
        found[name.strip()] = Expression(expression)
    return found


def _compiled(node: ast.expr) -> _Compiled:  # noqa: PLR0911  one line for each kind of node
    match node:
        case ast.Constant(value=bool()):
            pass
        case ast.Constant(value=int() | float() | str() as constant):
            return lambda _: constant
        case ast.Name(id=name):
            return lambda row: _told(row[name])
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            inner = _compiled(operand)
            return lambda row: -_number(inner(row))
        case ast.BinOp(left=left, op=op, right=right) if type(op) in _ARITHMETIC:
            apply, one, other = _ARITHMETIC[type(op)], _compiled(left), _compiled(right)
            return lambda row: apply(_number(one(row)), _number(other(row)))
        case ast.Compare(left=left, ops=[op], comparators=[right]) if type(op) in _COMPARISONS:
            compare, one, other = _COMPARISONS[type(op)], _compiled(left), _compiled(right)
            return lambda row: compare(*_alike(one(row), other(row)))
        case ast.IfExp(test=test, body=body, orelse=orelse):
            asked, one, other = _compiled(test), _compiled(body), _compiled(orelse)
            return lambda row: one(row) if asked(row) else other(row)
        case ast.Call(func=ast.Name(id=name), args=args, keywords=[]) if name in _FUNCTIONS and args:
            function, arguments = _FUNCTIONS[name], [_compiled(each) for each in args]
            return lambda row: function(*(each(row) for each in arguments))
    raise SourceError(f"{ast.unparse(node)!r} cannot stand in an expression; {_TEACHES}")


def _told(value: object) -> Value:
    if isinstance(value, int | float):
        return value
    return "" if value is None else str(value)


def _alike(one: Value, other: Value) -> tuple[Value, Value]:
    """A text that is compared with a number is one."""
    if isinstance(one, str) != isinstance(other, str):
        return _number(one), _number(other)
    return one, other
