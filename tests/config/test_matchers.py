"""Matchers as text."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from actors.config import Matcher, MatchOperator
from actors.config.matchers import as_matcher
from actors.config.values import UnfitError

OPERATORS: tuple[MatchOperator, ...] = ("=", "!=")


@pytest.mark.parametrize(
    ("text", "matcher"),
    [
        pytest.param('severity="page"', Matcher("severity", "=", "page"), id="equal"),
        pytest.param('a!="b"', Matcher("a", "!=", "b"), id="unequal"),
        pytest.param('a=~"b.*"', Matcher("a", "=~", "b.*"), id="matches"),
        pytest.param('a!~"b|c"', Matcher("a", "!~", "b|c"), id="does-not-match"),
        pytest.param(' a = "b" ', Matcher("a", "=", "b"), id="spaces"),
        pytest.param("a=b-1.c", Matcher("a", "=", "b-1.c"), id="without-quotes"),
        pytest.param('a=""', Matcher("a", "=", ""), id="missing-or-empty"),
        pytest.param(r'a="say \"b\\c\"\n"', Matcher("a", "=", 'say "b\\c"\n'), id="escapes"),
        pytest.param('a=~"[[a]b"', Matcher("a", "=~", "[[a]b"), id="pattern-that-looks-odd"),
    ],
)
def test_a_matcher_is_read(text: str, matcher: Matcher) -> None:
    assert as_matcher(text) == matcher


@pytest.mark.parametrize(
    "value",
    [
        "",
        "a",
        "a=",
        '="b"',
        'a=="b"',
        "a='b'",
        'a="b',
        'a="b""',
        r'a="\x"',
        "a=b c",
        '{a="b"}',
        'a="b",c="d"',
        'é="b"',
        3,
    ],
)
def test_what_is_no_matcher_is_refused(value: object) -> None:
    with pytest.raises(UnfitError, match="must"):
        as_matcher(value)


@pytest.mark.parametrize("pattern", ["[", "(", "*", "(?P<a", "a{99999999999}", "(" * 5000])
def test_what_is_no_regular_expression_is_refused(pattern: str) -> None:
    with pytest.raises(UnfitError, match="must hold a regular expression"):
        as_matcher(f'a=~"{pattern}"')


@given(
    name=st.from_regex(r"[a-zA-Z_][a-zA-Z0-9_]*", fullmatch=True),
    op=st.sampled_from(OPERATORS),
    value=st.text(),
)
def test_a_matcher_reads_back_from_its_text(name: str, op: MatchOperator, value: str) -> None:
    matcher = Matcher(name, op, value)
    assert as_matcher(str(matcher)) == matcher
