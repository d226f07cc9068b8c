"""Text that fits and does no harm."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from actors.receivers.wording import clean, cut, iso, links, title
from tests.receivers.notices import FIRED_AT, FIRED_AT_TEXT, notice


@pytest.mark.parametrize(
    ("text", "limit", "expected"),
    [
        pytest.param("", 5, "", id="empty"),
        pytest.param("abcde", 2, "ab", id="no-room-for-an-ellipsis"),
        pytest.param("abcde", 4, "abc…", id="with-ellipsis"),
        pytest.param("abcde", 5, "abcde", id="exactly"),
        pytest.param("abcdefgh", 5, "abcd…", id="three-over"),
        pytest.param("😀😀😀😀😀", 4, "😀😀😀…", id="by-character-not-by-byte"),
    ],
)
def test_text_is_cut(text: str, limit: int, expected: str) -> None:
    assert cut(text, limit) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param(
            "p99 über 100 ms – 😀 👩‍💻 مرحبا\nnext", "p99 über 100 ms – 😀 👩‍💻 مرحبا\nnext", id="left-alone"
        ),
        pytest.param("a\x1b[31mred\x07\x00", "a�[31mred��", id="terminal-codes"),
        pytest.param("a\tb\r\nc\u2028d", "a b \nc d", id="blanks"),
        pytest.param("\u202eevil\u2069", "�evil�", id="direction-overrides"),
        pytest.param("\ud800x", "�x", id="lone-surrogate"),
    ],
)
def test_text_is_cleaned(text: str, expected: str) -> None:
    assert clean(text) == expected


@given(st.text(st.characters(exclude_categories=())))
def test_cleaned_text_can_always_be_encoded(text: str) -> None:
    clean(text).encode()


@pytest.mark.parametrize(
    ("labels", "annotations", "expected"),
    [
        pytest.param({"slo": "a"}, {"summary": " b\n c "}, "b c", id="summary"),
        pytest.param({"slo": "a", "model": "m", "other": "x"}, {}, "a m", id="labels-that-name"),
        pytest.param({"other": "x"}, {"summary": ""}, "key", id="key"),
    ],
)
def test_title_is_the_best_there_is(
    labels: dict[str, str], annotations: dict[str, str], expected: str
) -> None:
    assert title(notice(labels=labels, annotations=annotations, dedup_key="key")) == expected


def test_only_web_addresses_are_links() -> None:
    annotations = {
        "runbook_url": "https://a/b",
        "dashboard": "http://c",
        "summary": "see https://x",
        "evil": "javascript:alert(1)",
        "two": "https://a b",
        "control": "https://a\x00",
    }
    assert links(annotations) == [("runbook", "https://a/b"), ("dashboard", "http://c")]


def test_instants_are_rfc_3339() -> None:
    assert iso(FIRED_AT) == FIRED_AT_TEXT
