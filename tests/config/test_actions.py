"""`[[action]]`: what is done when a budget is spent, or burns too fast."""

# ruff: noqa: E501  one case a line

from typing import TYPE_CHECKING

import pytest

from actors.config import ActionSettings, Secret
from tests.config.files import SLO, loaded, problems

if TYPE_CHECKING:
    from pathlib import Path

HOOK = {"HOOK": "https://deploy.example.com/freeze/hunter4hunter4"}
ACTION = SLO + '[[action]]\nname = "freeze"\non = "exhausted"\n'
WEBHOOK = ACTION + 'webhook_url_env = "HOOK"\n'


def test_a_webhook_with_its_defaults(tmp_path: "Path") -> None:
    assert loaded(tmp_path, WEBHOOK, HOOK).actions == (
        ActionSettings(name="freeze", on="exhausted", webhook=Secret(HOOK["HOOK"])),
    )


def test_a_function_with_every_key(tmp_path: "Path") -> None:
    text = SLO + (
        '[[action]]\nname = "roll-back"\non = "fast_burn"\nslos = ["checkout"]\npython = "service.rollout:back"\n'
        'cool_down = "30m"\nmin_burn = 14.4\ntimeout = "1m"\ngive_up_after = "5m"\n'
    )
    assert loaded(tmp_path, text).actions == (
        ActionSettings(
            name="roll-back",
            on="fast_burn",
            slos=("checkout",),
            python="service.rollout:back",
            cool_down=1800.0,
            min_burn=14.4,
            timeout=60.0,
            give_up_after=300.0,
        ),
    )


def test_the_address_of_a_webhook_is_a_secret(tmp_path: "Path") -> None:
    assert "hunter4" not in repr(loaded(tmp_path, WEBHOOK, HOOK))


@pytest.mark.parametrize(
    ("text", "says"),
    [
        pytest.param(
            SLO + '[[action]]\non = "exhausted"\nwebhook_url_env = "HOOK"',
            'action#1.name must be set, such as name = "freeze-features"',
            id="no-name",
        ),
        pytest.param(
            WEBHOOK + WEBHOOK.removeprefix(SLO),
            "action.freeze must have a name of its own, and there are 2 of that name",
            id="twice",
        ),
        pytest.param(
            WEBHOOK.replace('on = "exhausted"', ""),
            'action.freeze.on must be set, such as on = "exhausted" or "fast_burn"',
            id="no-occasion",
        ),
        pytest.param(
            WEBHOOK.replace("exhausted", "spent"),
            "action.freeze.on must be one of 'exhausted', 'fast_burn', got 'spent'",
            id="occasion",
        ),
        pytest.param(
            ACTION,
            "action.freeze.webhook_url_env must be set, or python, package.module:function",
            id="nothing-to-do",
        ),
        pytest.param(
            WEBHOOK + 'python = "a:b"',
            "action.freeze.webhook_url_env and python must not both be set",
            id="both",
        ),
        pytest.param(
            ACTION + 'webhook_url = "https://a.b"',
            "action.freeze.webhook_url must not stand in the file; write where it is, webhook_url_env or webhook_url_file",
            id="secret-in-the-file",
        ),
        pytest.param(
            ACTION + 'python = "service.freeze"',
            "action.freeze.python must be 'package.module:function', got 'service.freeze' (did you mean 'service:freeze'?)",
            id="dot-for-colon",
        ),
        pytest.param(
            ACTION + 'python = "freeze()"',
            "action.freeze.python must be 'package.module:function', got 'freeze()'",
            id="a-call",
        ),
        pytest.param(
            WEBHOOK + 'slos = ["chekout"]',
            "action.freeze.slos must name objectives of this file, got 'chekout' (did you mean 'checkout'?)",
            id="unknown-objective",
        ),
        pytest.param(
            WEBHOOK + 'slos = "checkout"',
            "action.freeze.slos must be an array of objectives such as [\"fraud-availability\"], got 'checkout'",
            id="no-array",
        ),
        pytest.param(
            WEBHOOK + 'slos = ["checkout", "checkout"]',
            "action.freeze.slos must name each objective once, and names 'checkout' twice, got an array",
            id="objective-twice",
        ),
        pytest.param(
            WEBHOOK + "min_burn = 14.4",
            'action.freeze.min_burn must not be set for on "exhausted" (on = "fast_burn"?)',
            id="burn-of-exhausted",
        ),
        pytest.param(
            WEBHOOK.replace("exhausted", "fast_burn") + "min_burn = 0",
            "action.freeze.min_burn must be a burn rate above 0, such as 14.4, got 0",
            id="no-burn",
        ),
        pytest.param(
            WEBHOOK + "cool_down = 60",
            'action.freeze.cool_down must be a duration such as "30s", "5m", "4h" or "100ms", got 60 (write "60s")',
            id="cool-down",
        ),
        pytest.param(
            WEBHOOK + 'cooldown = "1h"',
            "action.freeze.cooldown is no key that is known here (did you mean 'cool_down'?)",
            id="unknown-key",
        ),
    ],
)
def test_what_is_wrong_is_said(tmp_path: "Path", text: str, says: str) -> None:
    assert problems(tmp_path, text, HOOK) == (f"config.toml: {says}",)
