"""Durations and ratios as people write them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from actors.config.quantities import format_duration, format_percent, parse_duration, parse_percent


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("30s", 30.0),
        ("5m", 300.0),
        ("4h", 14_400.0),
        ("30d", 2_592_000.0),
        ("2w", 1_209_600.0),
        ("100ms", 0.1),
        ("1.5h", 5400.0),
        ("1h30m", 5400.0),
        ("1m0.5s", 60.5),
        ("0s", 0.0),
    ],
)
def test_a_duration_is_read_as_seconds(text: str, seconds: float) -> None:
    assert parse_duration(text) == seconds


@pytest.mark.parametrize(
    "text",
    [
        "",
        "30",
        "s",
        "-5s",
        "+5s",
        "5 s",
        "5S",
        "30m1h",
        "1h1h",
        "1e3s",
        ".5s",
        "5.s",
        "٥s",
        "5s\n",
        "inf",
        "5M",
    ],
)
def test_what_is_no_duration_is_none(text: str) -> None:
    assert parse_duration(text) is None


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0.0, "0s"),
        (0.1, "100ms"),
        (1.5, "1s500ms"),
        (5400.0, "1h30m"),
        (2_592_000.0, "30d"),
        (0.0005, "0.5ms"),
    ],
)
def test_seconds_are_written_as_people_would(seconds: float, text: str) -> None:
    assert format_duration(seconds) == text


@given(st.floats(0, 1e9, allow_nan=False).filter(lambda seconds: seconds == 0 or seconds > 1e-6))
def test_a_written_duration_reads_back_as_the_same(seconds: float) -> None:
    assert parse_duration(format_duration(seconds)) == seconds


@given(st.integers(1, 10**9 - 1))
def test_a_percentage_is_the_very_number_that_the_decimal_would_be(billionths: int) -> None:
    """99.9 / 100 is not 0.999; a division of floats must not decide whether somebody is woken."""
    percent = f"{billionths // 10**7}.{billionths % 10**7:07d}%"
    assert parse_percent(percent) == float(f"0.{billionths:09d}")


@pytest.mark.parametrize("text", ["", "%", "99.9", "-1%", "1e2%", "99,9%", "٩%", "nan%"])
def test_what_is_no_percentage_is_none(text: str) -> None:
    assert parse_percent(text) is None


@pytest.mark.parametrize(
    ("ratio", "text"), [(0.999, "99.9%"), (0.5, "50%"), (0.99999, "99.999%"), (0.07, "7%")]
)
def test_a_ratio_is_written_as_a_percentage_without_rounding(ratio: float, text: str) -> None:
    assert format_percent(ratio) == text
