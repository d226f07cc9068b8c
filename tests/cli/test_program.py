"""The command as a whole."""

import subprocess
import sys

import pytest

from actors.version import __version__
from tests.cli.calls import call

COMMANDS = ("run", "demo", "check", "status", "tree", "doctor")


def test_help_names_every_command_and_the_exit_codes() -> None:
    shown = call("--help").stdout
    assert all(f"  {command} " in shown for command in COMMANDS)
    assert "Exit codes" in shown


@pytest.mark.parametrize("command", COMMANDS)
def test_help_of_a_command_teaches_by_example(command: str) -> None:
    result = call(command, "--help")
    assert result.exit_code == 0
    assert f"Examples\n    slokeeper {command}" in result.stdout


def test_version_is_that_of_the_package() -> None:
    assert __version__ in call("--version").stdout


@pytest.mark.parametrize("arguments", [("rnu",), ("run", "--confg", "a"), ("demo", "--seed", "x")], ids=str)
def test_bad_use_ends_with_2(arguments: tuple[str, ...]) -> None:
    assert call(*arguments).exit_code == 2


@pytest.mark.realtime("a process of its own")
def test_help_waits_for_no_heavy_import() -> None:
    """Whoever asks for help should not wait for a model, nor for numpy."""
    code = "import sys, actors.cli; print([name for name in ('numpy', 'sklearn') if name in sys.modules])"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout == "[]\n"
