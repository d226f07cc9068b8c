"""A real hour of an LLM service, by the mapping that the documentation has."""

import os
from pathlib import Path
from typing import cast

import pytest

from tests.cli.calls import answer, call

SHARED = Path(os.environ.get("SLOKEEPER_SHARED_DATA", Path(__file__).parents[3] / "shared" / "data"))
TRACE = SHARED / "azure_llm_conv.csv.gz"
CONFIG = """
[[slo]]
name = "llm-latency"
sli = "latency"
match = { model = "llm" }
threshold = "12s"
objective = 0.99
"""
MAPPING = (
    "--map", "timestamp=TIMESTAMP", "--map", 'model="llm"',
    "--map", "latency_seconds=0.2 + 0.0002*ContextTokens + 0.03*GeneratedTokens",
)  # fmt: skip

pytestmark = pytest.mark.skipif(not TRACE.exists(), reason=f"{TRACE.name} is not at $SLOKEEPER_SHARED_DATA")


def test_hour_is_replayed_as_documented(tmp_path: Path) -> None:
    """The table and the comparison of docs/replay.md."""
    (tmp_path / "config.toml").write_text(CONFIG)
    told = answer(
        call("replay", TRACE, "--config", tmp_path / "config.toml", *MAPPING, "--objective", "95%", "--json")
    )
    alerts = cast("list[dict[str, object]]", told["alerts"])
    facts = ("rule", "fired_at", "bad_events", "total_events")
    seen = [tuple(one[fact] for fact in facts) for one in alerts]
    assert seen == [
        ("1h/5m", "2023-11-16T18:26:00.000Z", 1233, 2932),
        ("1h/5m", "2023-11-16T18:54:00.000Z", 3680, 13613),
        ("6h/30m", "2023-11-16T18:55:00.000Z", 3782, 13927),
    ]
    (slo,) = cast("list[dict[str, object]]", told["slos"])
    assert (slo["good_events"], slo["total_events"]) == (13721, 19366)
    assert (told["pages"], cast("dict[str, object]", told["against"])["pages"]) == (2, 0)
