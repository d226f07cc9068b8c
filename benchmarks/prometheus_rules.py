"""What Prometheus itself spends on the exported rules of the same objectives, in CPU seconds a tick.

It scrapes a page of the same series and evaluates the rules every few seconds, which is one tick; once more
without rules, which is what storing and scraping cost, and is subtracted. Its windows hold `HISTORY` minutes,
written before; those of a node hold all 30 days, so the comparison favours Prometheus.
"""

import re
import shutil
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from os import sysconf
from pathlib import Path
from typing import TYPE_CHECKING, Final

import httpx

from actors.export import as_file, export
from actors.export.names import bad, total
from actors.node import ListenAddress
from actors.slo.grouping import group_of

if TYPE_CHECKING:
    from actors.config import ObjectiveSettings

HISTORY: Final = 360
"""Minutes that the windows hold at the start."""
EVERY: Final = 15
"""Seconds from one tick to the next."""
TICKS: Final = 8
WARM_UP: Final = 2 * EVERY
SERVICE: Final = "bench"
A_MINUTE: Final = 600
_CONFIG: Final = """\
global: {{scrape_interval: {every}s, evaluation_interval: {every}s}}
rule_files: [{rules}]
scrape_configs:
  - job_name: node
    static_configs: [{{targets: ["127.0.0.1:{port}"]}}]
"""

Labels = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Spent:
    """What Prometheus spent.

    Attributes:
        cpu_seconds: A tick, for the rules alone.
        idle_seconds: In the time of a tick, for the same series without rules.
        ticks: How many were measured.
        rules: How many were evaluated in each.
    """

    cpu_seconds: float
    idle_seconds: float
    ticks: float
    rules: int


def is_installed() -> bool:
    """Whether Debian's package is there."""
    return all(shutil.which(program) for program in ("prometheus", "promtool"))


def spent_by_prometheus(objectives: "Sequence[ObjectiveSettings]", series: Sequence[Labels]) -> Spent:
    """Have Prometheus evaluate the objectives over some series; takes about five minutes.

    Args:
        objectives: Whose rules are evaluated.
        series: The labels of each series of predictions, `model` and `version` among them.
    """
    with tempfile.TemporaryDirectory() as made, _page(series, objectives) as port:
        directory = Path(made)
        rules = as_file(export(objectives, SERVICE), SERVICE, "prometheus")
        hurried, count = re.subn(r"(?m)^    interval: [12]m$", f"    interval: {EVERY}s", rules)
        assert count == 2 * len(objectives)
        (directory / "rules.yml").write_text(hurried)
        _write_history(directory, objectives, series)
        idle, _ = _run(directory, "", port)
        busy, evaluated = _run(directory, "rules.yml", port)
    number = rules.count("- record:") + rules.count("- alert:")
    ticks = evaluated / number
    return Spent(max(0.0, busy - idle) / ticks, idle / TICKS, ticks, number)


def _run(directory: Path, rules: str, page: int) -> tuple[float, float]:
    """CPU seconds and evaluated rules within `TICKS` ticks."""
    listen = ListenAddress("127.0.0.1:0")
    listen.bind().close()
    config = directory / "prometheus.yml"
    config.write_text(_CONFIG.format(every=EVERY, rules=rules, port=page))
    process = subprocess.Popen(
        [
            "prometheus",
            f"--config.file={config}",
            f"--storage.tsdb.path={directory / 'tsdb'}",
            f"--web.listen-address=127.0.0.1:{listen.port}",
        ],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        time.sleep(WARM_UP)
        cpu, evaluated = _cpu_seconds(process.pid), _evaluated(listen.url)
        time.sleep(EVERY * TICKS)
        return _cpu_seconds(process.pid) - cpu, _evaluated(listen.url) - evaluated
    finally:
        process.terminate()
        process.wait()


def _cpu_seconds(pid: int) -> float:
    """In user and system mode, of all its threads."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / sysconf("SC_CLK_TCK")


def _evaluated(url: str) -> float:
    text = httpx.get(f"{url}/metrics", trust_env=False).text
    found = re.findall(r"(?m)^prometheus_rule_evaluations_total\{.*\} (\S+)$", text)
    return sum(map(float, found))


# --- what it reads --------------------------------------------------------------------------------------


@contextmanager
def _page(series: Sequence[Labels], objectives: "Sequence[ObjectiveSettings]") -> Iterator[int]:
    """A node's page whose totals grow by the clock."""
    bounds = sorted({one.threshold for one in objectives if one.threshold is not None})
    begun = time.monotonic()

    class Page(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            counted = int((time.monotonic() - begun) * A_MINUTE / 60)
            self.send_response(200)
            self.send_header("Content-Type", "text/plain; version=0.0.4")
            self.end_headers()
            self.wfile.write("\n".join(_samples(series, bounds, counted)).encode() + b"\n")

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Page)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield server.server_address[1]
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def _samples(series: Sequence[Labels], bounds: Sequence[float], counted: int) -> Iterator[str]:
    yield 'slokeeper_build_info{version="1"} 1'
    for labels in series:
        pairs = ",".join(f'{name}="{value}"' for name, value in labels.items())
        yield f"model_requests_total{{{pairs}}} {counted}"
        yield f"model_errors_total{{{pairs}}} {counted // 5000}"
        yield f"model_latency_seconds_count{{{pairs}}} {counted}"
        for bound in bounds:
            yield f'model_latency_seconds_bucket{{{pairs},le="{bound}"}} {counted - counted // 500}'


def _write_history(
    directory: Path, objectives: "Sequence[ObjectiveSettings]", series: Sequence[Labels]
) -> None:
    """Minutes of events as the rules record them, as blocks of Prometheus'."""
    now = int(time.time()) // 60 * 60
    text = directory / "history.txt"
    with text.open("w") as file:
        for name, value in ((total(1), A_MINUTE), (bad(1), 0)):
            for one in objectives:
                for labels in _recorded(one, series):
                    for minute in range(HISTORY, 0, -1):
                        file.write(f"{name}{{{labels}}} {value} {now - 60 * minute}\n")
        file.write("# EOF\n")
    subprocess.run(
        ["promtool", "tsdb", "create-blocks-from", "openmetrics", text, directory / "tsdb"],
        check=True,
        stdout=subprocess.DEVNULL,
    )
    text.unlink()


def _recorded(objective: "ObjectiveSettings", series: Sequence[Labels]) -> list[str]:
    """The labels of each group of an objective."""
    ours = {"sloth_id": f"{SERVICE}-{objective.name}", "sloth_service": SERVICE, "sloth_slo": objective.name}
    groups = {
        group_of(labels, objective.group_by)
        for labels in series
        if all(labels.get(name) == value for name, value in objective.match.items())
    }
    return [
        ",".join(f'{name}="{value}"' for name, value in {**dict(group), **ours}.items() if value)
        for group in sorted(groups)
    ]
