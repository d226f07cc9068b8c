"""Secrets: found where the file says, and never told."""

# ruff: noqa: E501  one case a line

import copy
import json
import pickle
from collections.abc import Mapping
from pathlib import Path

import pytest

from actors.config import Secret
from tests.config.files import loaded, problems

URL = "https://hooks.example.com/services/T0/B0/hunter4hunter4"
KEY = "R0UT1NGhunter4000000000000000000"


def slack(line: str) -> str:
    return f'[[receiver]]\nname = "s"\ntype = "slack"\n{line}\n[route]\nreceiver = "s"\n'


def pagerduty(line: str) -> str:
    return slack(line).replace("slack", "pagerduty")


def test_a_secret_shows_itself_to_nobody_but_who_asks() -> None:
    secret = Secret(URL, "$HOOK")
    shown = (
        repr(secret),
        str(secret),
        f"{secret}",
        f"{secret:>9}",
        json.dumps([secret], default=repr),
        f"{[secret]}",
    )
    assert not any("hunter4" in text for text in shown)
    assert secret.reveal() == URL
    assert secret.source == "$HOOK"


def test_a_secret_is_lost_when_it_is_pickled() -> None:
    assert URL.encode() not in pickle.dumps(Secret(URL))
    assert pickle.loads(pickle.dumps(Secret(URL))).reveal() == "***"  # noqa: S301  our own bytes


def test_a_copy_is_the_secret_itself() -> None:
    secret = Secret(URL)
    assert copy.copy(secret) is secret
    assert copy.deepcopy([secret])[0] is secret


def test_secrets_are_equal_by_value_wherever_they_come_from() -> None:
    assert Secret("a", "$A") == Secret("a")
    assert hash(Secret("a")) == hash(Secret("a", "$A"))
    assert Secret("a") != Secret("b")
    assert Secret("a") != "a"


def test_an_environment_variable_holds_it(tmp_path: Path) -> None:
    url = loaded(tmp_path, slack('webhook_url_env = "HOOK"'), {"HOOK": URL}).receivers[0].url
    assert url is not None
    assert (url.reveal(), url.source) == (URL, "$HOOK")


def test_a_file_beside_the_configuration_holds_it_without_its_line_end(tmp_path: Path) -> None:
    (tmp_path / "hook").write_text(f"{URL}\n")
    url = loaded(tmp_path, slack('webhook_url_file = "hook"')).receivers[0].url
    assert url is not None
    assert (url.reveal(), url.source) == (URL, "file 'hook'")


def test_an_absolute_path_is_taken_as_it_is(tmp_path: Path) -> None:
    (tmp_path / "key").write_text(KEY)
    key = loaded(tmp_path, pagerduty(f'routing_key_file = "{tmp_path}/key"')).receivers[0].routing_key
    assert key == Secret(KEY)


def test_a_peers_address_may_be_secret_too(tmp_path: Path) -> None:
    peer = loaded(tmp_path, '[[peer]]\nurl_env = "PEER"', {"PEER": "http://me:hunter4@a:9/m"}).peers[0]
    assert (peer.url, peer.name) == ("http://me:hunter4@a:9/m", "a:9")
    assert "hunter4" not in repr(peer)


@pytest.mark.parametrize(
    ("text", "environ", "says"),
    [
        pytest.param(slack(""), {}, "receiver.s.webhook_url_env must be set; it names the environment variable (or webhook_url_file the file) that holds an http:// or https:// address", id="missing"),
        pytest.param(slack('webhook_url_env = "HOOK"'), {}, "receiver.s.webhook_url_env must name an environment variable, got 'HOOK', which is not set", id="unset"),
        pytest.param(slack('webhook_url_env = "HOOK"'), {"HOOK": " "}, "receiver.s.webhook_url_env must name an environment variable, got 'HOOK', which is empty", id="empty"),
        pytest.param(slack('webhook_url_env = "HOOK"'), {"HOOK": "hunter4"}, "receiver.s.webhook_url_env must lead to an http:// or https:// address; what $HOOK holds is none", id="no-address"),
        pytest.param(slack('webhook_url_env = "HOOK"'), {"HOOK": f"{URL} {URL}"}, "receiver.s.webhook_url_env must lead to an http:// or https:// address; what $HOOK holds is none", id="two-addresses"),
        pytest.param(pagerduty('routing_key_env = "KEY"'), {"KEY": "hunter4 hunter4"}, "receiver.s.routing_key_env must lead to a key without spaces; what $KEY holds is none", id="no-key"),
        pytest.param(slack(f'webhook_url = "{URL}"'), {}, "receiver.s.webhook_url must not stand in the file; write where it is, webhook_url_env or webhook_url_file", id="literal"),
        pytest.param(slack(f'webhook_url_env = "{URL}"'), {}, "receiver.s.webhook_url_env must be the name of an environment variable, and not the secret itself", id="literal-for-its-variable"),
        pytest.param(pagerduty(f'routing_key_env = "{KEY}"'), {}, "receiver.s.routing_key_env must be the name of an environment variable, and not the secret itself", id="key-for-its-variable"),
        pytest.param(slack(f'webhook_url_file = "{URL}"'), {}, "receiver.s.webhook_url_file must be the path of a file, and not the secret itself", id="literal-for-its-file"),
        pytest.param(slack('webhook_url_file = "none"'), {}, "receiver.s.webhook_url_file must name a file that can be read, got 'none': No such file or directory", id="no-file"),
        pytest.param(slack('webhook_url_env = "A"\nwebhook_url_file = "b"'), {"A": URL}, "receiver.s.webhook_url_env and webhook_url_file must not both be set", id="both"),
        pytest.param(slack("webhook_url_env = 3"), {}, "receiver.s.webhook_url_env must be a string, got 3", id="number"),
        pytest.param(slack('webhook_url_env = "A"\nrouting_key_env = "B"'), {"A": URL}, "receiver.s.routing_key_env is no key that is known here", id="of-another-type"),
        pytest.param('[[peer]]\nurl = "http://me:hunter4@a/m"', {}, "peer#1.url must not hold credentials; write where it is, url_env or url_file", id="peer-with-password"),
        pytest.param('[[peer]]\nurl = "http:/me:hunter4@a/m"', {}, "peer#1.url must be an address such as 'http://10.0.0.7:8000/metrics'", id="peer-with-a-slip"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_without_the_secret(
    tmp_path: Path, text: str, environ: Mapping[str, str], says: str
) -> None:
    told = problems(tmp_path, text, environ)
    assert any(line.startswith(f"config.toml: {says}") for line in told)
    assert "hunter4" not in "\n".join(told)


@pytest.mark.parametrize(
    ("content", "says"),
    [
        pytest.param(b"\n", "which is empty", id="empty"),
        pytest.param(b"\xff", "which is not UTF-8", id="binary"),
        pytest.param(b"a" * (64 * 1024 + 1), "which is too long for a secret", id="long"),
    ],
)
def test_a_file_that_holds_no_secret_is_refused(tmp_path: Path, content: bytes, says: str) -> None:
    (tmp_path / "key").write_bytes(content)
    assert problems(tmp_path, pagerduty('routing_key_file = "key"'))[0].endswith(says)
