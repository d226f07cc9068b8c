"""Whatever a file holds, it is settings or a `ConfigError`."""

import tempfile
import tomllib
from collections.abc import Mapping
from pathlib import Path

from hypothesis import example, given, settings
from hypothesis import strategies as st

from actors.config import ConfigError, Settings, load_settings
from tests.config.toml_text import KEYS, as_toml, documents, tables, texts, values

SECRET = "hunter4hunter4"


def outcome(content: bytes, environ: Mapping[str, str]) -> Settings | ConfigError:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "config.toml"
        path.write_bytes(content)
        try:
            return load_settings(path, environ)
        except ConfigError as error:
            return error


@settings(deadline=None)
@given(st.binary())
@example(b"a = 2024-99-99")
@example(b"a = 1" + b"0" * 5000)
@example(b"[[slo]]\nobjective = 0x" + b"f" * 300)
@example(b"a." * 3000 + b"a = 1")
@example(b"a=" + b"{a=" * 2000)
@example(b"a = 0x" + b"f" * 9000 + b"\n[node]\nname = 0x" + b"f" * 9000)
def test_any_bytes(content: bytes) -> None:
    assert isinstance(outcome(content, {}), Settings | ConfigError)


@settings(max_examples=300, deadline=None)
@given(document=documents, variable=texts)
def test_any_document(document: dict[str, object], variable: str) -> None:
    text = as_toml(document)
    tomllib.loads(text)
    found = outcome(text.encode(), {"SET": variable})
    if isinstance(found, ConfigError):
        assert found.problems
        assert all(len(problem.splitlines()) == 1 for problem in found.problems)
        assert all(problem.startswith("config.toml: ") for problem in found.problems)


@settings(deadline=None)
@given(document=documents)
@example(document={})
def test_a_secret_is_in_no_problem_and_in_no_repr(document: dict[str, object]) -> None:
    """Whether the variable's value is good or not, and whatever else the file holds."""
    document |= {
        "receiver": [
            {"name": "a", "type": "slack", "webhook_url_env": "SET"},
            {"name": "b", "type": "pagerduty", "routing_key_env": "SET"},
        ],
        "route": {"receiver": "a", "routes": [{"receiver": "b"}]},
        "peer": [{"name": "c", "url_env": "SET"}],
    }
    for value in (f"https://a/{SECRET}", f"{SECRET} {SECRET}"):
        assert SECRET not in repr(outcome(as_toml(document).encode(), {"SET": value}))


PLAUSIBLE = {
    "name": "a",
    "sli": "latency",
    "objective": 0.99,
    "threshold": "100ms",
    "window": "month",
    "group_by": ["version"],
}


@settings(max_examples=300, deadline=None)
@given(key=st.sampled_from(KEYS["slo"]), value=values | st.lists(tables("rule"), max_size=2))
def test_any_value_at_any_key_of_an_objective(key: str, value: object) -> None:
    """The rest is right, so that every check between keys is reached."""
    found = outcome(as_toml({"slo": [PLAUSIBLE | {key: value}]}).encode(), {})
    if isinstance(found, ConfigError):
        assert all(problem.startswith("config.toml: ") for problem in found.problems)
        assert all(len(problem.splitlines()) == 1 for problem in found.problems)
    else:
        assert [0.0 < rule.long_window <= one.window for one in found.slos for rule in one.rules] in (
            [],
            [True],
            [True, True],
        )


RULE = {"severity": "page", "long_window": "1h", "short_window": "5m", "burn_rate": 10}


@settings(max_examples=300, deadline=None)
@given(key=st.sampled_from(KEYS["rule"]), value=values)
def test_any_value_at_any_key_of_a_rule(key: str, value: object) -> None:
    found = outcome(as_toml({"slo": [PLAUSIBLE | {"rules": [RULE | {key: value}]}]}).encode(), {})
    assert isinstance(found, Settings | ConfigError)
