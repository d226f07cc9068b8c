"""`[otlp]`: where counts are pushed, and what is wrong with it."""

# ruff: noqa: E501  one case a line

from pathlib import Path

import pytest

from actors.application import Application
from actors.config import ConfigError, OtlpSettings, Secret, Settings, headers_in
from tests.config.files import loaded, problems

OTLP = '[otlp]\nendpoint = "http://127.0.0.1:4318"\n'
TOKEN = "authorization=Bearer%20hunter4hunter4"


def test_every_key_reaches_its_setting(tmp_path: Path) -> None:
    text = """
[otlp]
endpoint = "https://collector.example.com/otlp/"
push_every = "5s"
timeout = "1s"
service_name = "scoring"
compression = "none"
headers_env = "OTLP_HEADERS"
resource = { "deployment.environment.name" = "prod" }
"""
    assert loaded(tmp_path, text, {"OTLP_HEADERS": TOKEN}).otlp == OtlpSettings(
        endpoint="https://collector.example.com/otlp",
        push_every=5.0,
        timeout=1.0,
        service_name="scoring",
        compression="none",
        headers=Secret(TOKEN),
        resource={"deployment.environment.name": "prod"},
    )


def test_service_is_named_like_the_node_unless_the_file_says_otherwise(tmp_path: Path) -> None:
    otlp = loaded(tmp_path, '[node]\nname = "fraud-1"\n' + OTLP).otlp
    assert otlp is not None
    assert otlp.service_name == "fraud-1"


def test_nothing_is_pushed_without_the_table(tmp_path: Path) -> None:
    assert loaded(tmp_path, "").otlp is None


@pytest.mark.parametrize(
    ("text", "says"),
    [
        pytest.param("otlp = 3", "otlp must be a table, [otlp], got 3", id="no-table"),
        pytest.param("[otlp]", 'otlp.endpoint must be set, such as endpoint = "http://127.0.0.1:4318"', id="no-endpoint"),
        pytest.param('[otlp]\nendpoint = "collector:4318"', "otlp.endpoint must be an address such as 'http://127.0.0.1:4318'", id="no-address"),
        pytest.param('[otlp]\nendpoint = "http://a/v1/metrics"', "otlp.endpoint must be the address without /v1/metrics, which is added", id="whole-address"),
        pytest.param('[otlp]\nendpoint = "http://me:hunter4@a"', "otlp.endpoint must hold no credentials, query or fragment; keys go into headers_env", id="credentials"),
        pytest.param('[otlp]\nendpoint = "http://a/?key=hunter4"', "otlp.endpoint must hold no credentials, query or fragment; keys go into headers_env", id="key-in-the-query"),
        pytest.param(OTLP + 'push_every = "1d"', "otlp.push_every must lie between 100ms and 1h, got '1d'", id="too-rare"),
        pytest.param(OTLP + "timeout = 3", 'otlp.timeout must be a duration such as "30s", "5m", "4h" or "100ms", got 3 (write "3s")', id="bare-number"),
        pytest.param(OTLP + 'compression = "zstd"', "otlp.compression must be one of 'gzip', 'none', got 'zstd'", id="compression"),
        pytest.param(OTLP + 'service_name = ""', "otlp.service_name must be a text on one line, got ''", id="nameless"),
        pytest.param(OTLP + f'headers = "{TOKEN}"', "otlp.headers must not stand in the file; write where it is, headers_env or headers_file", id="secret-in-the-file"),
        pytest.param(OTLP + 'headers_env = "UNSET"', "otlp.headers_env must name an environment variable, got 'UNSET', which is not set", id="unset"),
        pytest.param(OTLP + 'headers_env = "NONSENSE"', "otlp.headers_env must lead to headers such as 'authorization=Bearer%20...'; what $NONSENSE holds is none", id="no-headers"),
        pytest.param(OTLP + "resource = 3", 'otlp.resource must be a table of strings such as { "host.name" = "a" }, got 3', id="no-resource"),
        pytest.param(OTLP + "resource = { a = 3 }", "otlp.resource must hold strings only, and at a it does not, got 3", id="number"),
        pytest.param(OTLP + 'resource.deployment.name = "a"', "otlp.resource must hold strings only, and at deployment it does not, got a table (dots part tables; write the name in quotes, 'deployment.…')", id="dotted"),
        pytest.param(OTLP + 'resource = { "service.name" = "a" }', "otlp.resource must name attributes that are free, got 'service.name' (write service_name)", id="name-as-attribute"),
        pytest.param(OTLP + "push_evry = 3", "otlp.push_evry is no key that is known here (did you mean 'push_every'?)", id="unknown"),
    ],
)  # fmt: skip
def test_problem_is_told_with_its_place(tmp_path: Path, text: str, says: str) -> None:
    found = problems(tmp_path, text, {"NONSENSE": "hunter4hunter4"})
    assert found == (f"config.toml: {says}",)
    assert "hunter4" not in " ".join(found)


def test_missing_extra_is_told_with_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("actors.config.otlp.find_spec", lambda _: None)
    says = "needs protobuf's classes, which are not installed: pip install 'slokeeper[otlp]'"
    assert problems(tmp_path, OTLP) == (f"config.toml: otlp.endpoint {says}",)
    with pytest.raises(ConfigError) as refusal:
        Application(Settings(otlp=OtlpSettings(endpoint="http://127.0.0.1:4318")))
    assert refusal.value.problems == (f"otlp {says}",)


@pytest.mark.parametrize(
    ("text", "headers"),
    [
        pytest.param("a=1", {"a": "1"}, id="one"),
        pytest.param("a=1,b=2\nc=3\n", {"a": "1", "b": "2", "c": "3"}, id="commas-and-lines"),
        pytest.param(" Authorization = Bearer%20x%3D ", {"authorization": "Bearer x="}, id="encoded"),
        pytest.param("key=YWJj==", {"key": "YWJj=="}, id="equals-in-the-value"),
        pytest.param("", {}, id="none"),
    ],
)
def test_headers_are_read_as_opentelemetry_writes_them(text: str, headers: dict[str, str]) -> None:
    assert headers_in(text) == headers


@pytest.mark.parametrize("text", ["key", "=hunter4", "key key=1", "key=1%0d%0akey2: 2", "key=é"])
def test_headers_that_no_request_can_carry_are_refused_without_repeating_them(text: str) -> None:
    with pytest.raises(ValueError, match="headers must be pairs") as refusal:
        headers_in(text)
    assert text not in str(refusal.value)
