"""`[tracing]`: which predictions are traced, and what is wrong with it."""

# ruff: noqa: E501  one case a line

from pathlib import Path

import pytest

from actors.config import Secret, TracingSettings
from tests.config.files import loaded, problems

TOKEN = "authorization=Bearer%20hunter4hunter4"
OTLP = '[otlp]\nendpoint = "http://127.0.0.1:4318"\ntimeout = "3s"\nheaders_env = "OTLP_HEADERS"\n'


def test_every_key_reaches_its_setting(tmp_path: Path) -> None:
    text = """
[tracing]
sample_rate = "5%"
keep_slower_than = "250ms"
keep_failed = false
max_kept_per_second = 3
exception_texts = true
endpoint = "https://collector.example.com/otlp/"
timeout = "1s"
headers_env = "OTLP_HEADERS"
"""
    assert loaded(tmp_path, text, {"OTLP_HEADERS": TOKEN}).tracing == TracingSettings(
        sample_rate=0.05,
        keep_slower_than=0.25,
        keep_failed=False,
        max_kept_per_second=3,
        exception_texts=True,
        endpoint="https://collector.example.com/otlp",
        timeout=1.0,
        headers=Secret(TOKEN),
    )


def test_nothing_is_traced_without_the_table(tmp_path: Path) -> None:
    assert loaded(tmp_path, "").tracing is None


def test_empty_table_traces_a_hundredth_and_what_is_slow_or_failed(tmp_path: Path) -> None:
    assert loaded(tmp_path, "[tracing]").tracing == TracingSettings()


def test_spans_go_where_counts_are_pushed(tmp_path: Path) -> None:
    tracing = loaded(tmp_path, OTLP + "[tracing]", {"OTLP_HEADERS": TOKEN}).tracing
    assert tracing == TracingSettings(endpoint="http://127.0.0.1:4318", headers=Secret(TOKEN), timeout=3.0)


def test_headers_for_the_counts_are_not_told_to_another_collector(tmp_path: Path) -> None:
    text = OTLP + '[tracing]\nendpoint = "http://10.0.0.1:4318"'
    tracing = loaded(tmp_path, text, {"OTLP_HEADERS": TOKEN}).tracing
    assert tracing == TracingSettings(endpoint="http://10.0.0.1:4318", headers=None)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        pytest.param("tracing = 3", "tracing must be a table, [tracing], got 3", id="no-table"),
        pytest.param("[tracing]\nsample_rate = 5", "tracing.sample_rate must lie from 0 to 1, got 5 (percent? write 0.05)", id="percent"),
        pytest.param("[tracing]\nsample_rat = 0", "tracing.sample_rat is no key that is known here (did you mean 'sample_rate'?)", id="nearest-key"),
        pytest.param("[tracing]\nkeep_slower_than = 1", 'tracing.keep_slower_than must be a duration such as "30s", "5m", "4h" or "100ms", got 1 (write "1s")', id="bare-number"),
        pytest.param('[tracing]\nkeep_failed = "yes"', "tracing.keep_failed must be true or false, got 'yes'", id="flag"),
        pytest.param("[tracing]\nmax_kept_per_second = 0.5", "tracing.max_kept_per_second must be a whole number from 0 to 10000, got 0.5", id="half-a-prediction"),
        pytest.param('[tracing]\nendpoint = "collector:4318"', "tracing.endpoint must be an address such as 'http://127.0.0.1:4318'", id="no-address"),
        pytest.param('[tracing]\nendpoint = "http://a/v1/traces"', "tracing.endpoint must be the address without /v1/traces, which is added", id="whole-address"),
        pytest.param('[tracing]\nendpoint = "http://me:hunter4@a"', "tracing.endpoint must hold no credentials, query or fragment; keys go into headers_env", id="credentials"),
        pytest.param(f'[tracing]\nheaders = "{TOKEN}"', "tracing.headers must not stand in the file; write where it is, headers_env or headers_file", id="secret-in-the-file"),
        pytest.param("[node]\ntrace_sample_rate = 0.01", "node.trace_sample_rate has moved; write sample_rate in [tracing]", id="its-old-place"),
    ],
)  # fmt: skip
def test_it_is_said_with_the_full_path(tmp_path: Path, text: str, says: str) -> None:
    assert f"config.toml: {says}" in problems(tmp_path, text)
    assert "hunter4" not in "".join(problems(tmp_path, text))


@pytest.mark.parametrize("text", [OTLP + "[tracing]", '[tracing]\nendpoint = "http://127.0.0.1:4318"'])
def test_exporter_that_is_not_installed_is_missed_at_the_start(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str
) -> None:
    monkeypatch.setattr("actors.config.tracing.find_spec", lambda _: None)
    missing = "needs OpenTelemetry's exporter, which is not installed: pip install 'slokeeper[otlp]'"
    assert f"config.toml: tracing.endpoint {missing}" in problems(tmp_path, text, {"OTLP_HEADERS": TOKEN})
