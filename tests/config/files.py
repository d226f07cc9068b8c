"""Configurations as they stand in files."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from actors.config import ConfigError, Settings, load_settings

SLO = '[[slo]]\nname = "checkout"\nsli = "availability"\nobjective = 0.999\n'
CONSOLE = '[[receiver]]\nname = "terminal"\ntype = "console"\n'
ROUTE = '[route]\nreceiver = "terminal"\n'


def loaded(folder: Path, text: str, environ: Mapping[str, str] | None = None) -> Settings:
    """What the loader makes of a text."""
    path = folder / "config.toml"
    path.write_text(text)
    return load_settings(path, environ or {})


def problems(folder: Path, text: str, environ: Mapping[str, str] | None = None) -> tuple[str, ...]:
    """What the loader says of a text that cannot be used."""
    with pytest.raises(ConfigError) as refusal:
        loaded(folder, text, environ)
    return refusal.value.problems
