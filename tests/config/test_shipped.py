"""The configuration that comes with the repository."""

import re
from pathlib import Path

import pytest

from actors.config import load_settings
from tests.config.toml_text import KEYS

ROOT = Path(__file__).parents[2]
DOCUMENT = ROOT / "docs" / "configuration.md"
SECRETS = {
    "SLACK_WEBHOOK_URL": "https://hooks.example.com/T/B/X",
    "PAGERDUTY_ROUTING_KEY": "R0UT1NG",
    "HOOK_URL": "http://a/b",
    "PEER_URL": "http://a/m",
    "OTLP_HEADERS": "authorization=Bearer%20abc",
}


def test_it_runs_as_it_is() -> None:
    """No secret is needed, and the alerts are shown in the terminal."""
    settings = load_settings(ROOT / "config.toml", {})
    assert [one.type for one in settings.receivers] == ["console"]
    assert {slo.sli for slo in settings.slos} == {"availability", "latency"}


def test_it_runs_with_everything_uncommented(tmp_path: Path) -> None:
    text = (ROOT / "config.toml").read_text()
    everything = re.sub(r"(?m)^# (?=\[\[|\w+ = )", "", text)
    (tmp_path / "config.toml").write_text(everything)
    settings = load_settings(tmp_path / "config.toml", SECRETS)
    assert [one.type for one in settings.receivers] == ["console", "slack", "pagerduty"]
    assert settings.route is not None
    assert [one.receiver for one in settings.route.routes] == ["oncall", "ml-team"]
    assert len(settings.peers) == 1


@pytest.mark.parametrize(
    "block", re.findall(r"(?s)```toml\n(.*?)```", DOCUMENT.read_text()), ids=lambda _: "block"
)
def test_every_example_in_the_document_loads(tmp_path: Path, block: str) -> None:
    (tmp_path / "secrets").mkdir()
    (tmp_path / "secrets" / "slack").write_text("https://hooks.example.com/T/B/X\n")
    (tmp_path / "config.toml").write_text(block)
    load_settings(tmp_path / "config.toml", SECRETS)


def test_every_key_is_in_the_document() -> None:
    text = DOCUMENT.read_text()
    never_written = {"webhook_url", "headers"}
    known = {key for keys in KEYS.values() for key in keys} - never_written
    assert not {key for key in known if f"`{key}`" not in text}
