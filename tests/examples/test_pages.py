"""What the pages of the repository say can be followed: links, configuration, programs."""

import re
from pathlib import Path

import pytest

import supervisor
from actors.config import load_settings
from tests.examples.pages import ROOT, programs

PAGES = [
    "README.md",
    "ARCHITECTURE.md",
    "CHANGELOG.md",
    *(f"docs/{one.name}" for one in (ROOT / "docs").glob("*.md")),
]
LINK = re.compile(r"\]\((?!https?://)(?P<path>[^)#]*)(?:#(?P<anchor>[^)]+))?\)")
CONFIGURATION = re.compile(r"^```toml\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL)
SECRETS = {
    "SLACK_WEBHOOK_URL": "https://hooks.slack.com/services/T0/B0/token",
    "PAGERDUTY_ROUTING_KEY": "k" * 32,
}


def anchors(page: Path) -> set[str]:
    headings = re.findall(r"^#+ (.+)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", heading).lower().replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", PAGES)
def test_every_link_leads_somewhere(page: str) -> None:
    folder = (ROOT / page).parent
    for link in LINK.finditer((ROOT / page).read_text(encoding="utf-8")):
        target = folder / link["path"] if link["path"] else ROOT / page
        assert target.exists(), f"{page} links to {link['path']}"
        if link["anchor"]:
            assert link["anchor"] in anchors(target)


def test_every_public_name_of_the_runtime_stands_on_some_page() -> None:
    """But for the table of conformance, which is written by a program."""
    pages = [page for page in (ROOT / "docs").glob("*.md") if page.stem != "conformance"]
    words = set(re.findall(r"\w+", "\n".join(page.read_text(encoding="utf-8") for page in pages)))
    assert set(supervisor.__all__) - words == set()


def test_configuration_in_the_readme_loads(tmp_path: Path) -> None:
    block = CONFIGURATION.search((ROOT / "README.md").read_text(encoding="utf-8"))
    assert block is not None
    (tmp_path / "config.toml").write_text(block["text"], encoding="utf-8")
    settings = load_settings(tmp_path / "config.toml", SECRETS)
    assert [one.name for one in settings.slos] == ["fraud-latency"]
    assert {one.name for one in settings.receivers} == {"ml-team", "oncall"}


@pytest.mark.realtime("the monitor has a thread of its own")
def test_programs_in_the_readme_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "config.toml").write_text('[node]\nlisten = "127.0.0.1:0"\n', encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    for program in programs("README.md"):
        exec(compile(program.text, program.name, "exec"), {"__name__": "__main__"})  # noqa: S102  our own page
    printed = capsys.readouterr().out
    assert "Traceback" not in printed
    assert printed.endswith("2.0\n5.0\nstill here: hello\n")


def test_rows_of_the_runtime_in_the_readme_are_those_of_the_results() -> None:
    readme, results = (
        (ROOT / page).read_text(encoding="utf-8") for page in ("README.md", "benchmarks/RESULTS.md")
    )
    rows = re.findall(r"^\| ([^|]+) \| ([\d.,]+(?:/s| [µm]s)) \| (\w+, [^|]+) \|$", readme, re.MULTILINE)
    assert len(rows) == 6
    for row in rows:
        pattern = r"\|.*\| ".join(re.escape(f"{cell} ") for cell in row)
        assert re.search(rf"^\| {pattern}\|", results, re.MULTILINE), row


def test_figures_in_the_readme_are_those_of_the_results() -> None:
    """A figure that was measured anew must not stay old in the other place."""
    readme, results = (
        set(re.findall(r"[\d,]+ ns \|(?: [\d.]+ × \|)?", (ROOT / page).read_text(encoding="utf-8")))
        for page in ("README.md", "benchmarks/RESULTS.md")
    )
    assert readme
    assert readme <= results
