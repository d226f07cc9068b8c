"""The page of a whole node."""

import re
from dataclasses import replace
from pathlib import Path

from actors.application import Application
from actors.config import TracingSettings
from tests.application.nodes import MODEL, settings

DOCUMENT = Path(__file__).parents[2] / "docs" / "metrics.md"


async def shown_by_a_node() -> set[str]:
    """The name of every metric on its page."""
    traced = replace(settings(), tracing=TracingSettings(sample_rate=0.0))
    async with Application(traced).running() as node:
        with node.recordings.model(MODEL, "1").span():
            pass
        page, _ = await node.exposition("text/plain")
    names = re.findall(r"# TYPE (\w+)", page.decode())
    return {name for name in names if not name.endswith("_created")}


async def test_document_has_the_metrics_that_a_node_shows_and_no_others() -> None:
    text = DOCUMENT.read_text(encoding="utf-8")
    documented = re.findall(r"^\| `(\w+)` \| (?:counter|gauge|histogram)", text, re.MULTILINE)
    assert set(documented) == await shown_by_a_node()
