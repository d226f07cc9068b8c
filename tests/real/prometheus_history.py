"""A real Prometheus taken through the past, minute by minute, with exported rules.

Its rules run by its own clock, and an hour takes one. So each rule is asked for as a query at each minute,
in the order of its file, and what it gives is written back: what the manager of rules does, at other times.
"""

import subprocess
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, TypeAlias

import httpx
import yaml

from actors.export import as_file, export
from supervisor.clock import monotonic
from tests.real.processes import PATIENCE, free_port
from tests.real.promtool import installed
from tests.real.remote_write import STALE, Sample, body

if TYPE_CHECKING:
    from pathlib import Path

    from actors.config import ObjectiveSettings

Labels: TypeAlias = frozenset[tuple[str, str]]


class PastPrometheus:
    """Minutes of totals go in, alerts come out.

    Args:
        client: Of Prometheus' API.
        objectives: Whose rules are evaluated.
    """

    def __init__(self, client: httpx.Client, objectives: "Iterable[ObjectiveSettings]") -> None:
        self._client = client
        text = as_file(export(list(objectives), "past"), "past", "prometheus")
        groups = yaml.safe_load(text)["groups"]
        self._rules: list[dict[str, Any]] = [
            rule for group in groups if group["interval"] == "1m" for rule in group["rules"]
        ]
        self._seen: list[dict[Labels, Mapping[str, str]]] = [{} for _ in self._rules]

    def minute(self, totals: Iterable[Sample], minute: int) -> "Iterator[Mapping[str, str]]":
        """Take what was scraped at the end of a minute, and evaluate all rules; gives what fires."""
        self._write(totals, minute)
        for rule, seen in zip(self._rules, self._seen, strict=True):
            found = list(self.query(rule["expr"], minute))
            labelled = [({**labels, **rule["labels"]}, value) for labels, value in found]
            if "alert" in rule:
                yield from ({"alertname": rule["alert"], **labels} for labels, _ in labelled)
                continue
            samples = [({**labels, "__name__": rule["record"]}, value) for labels, value in labelled]
            now = {frozenset(labels.items()): labels for labels, _ in samples}
            ended = [(labels, STALE) for key, labels in seen.items() if key not in now]
            self._write([*samples, *ended], minute)
            seen.clear()
            seen.update(now)

    def query(self, expr: str, minute: int) -> Iterator[Sample]:
        """The instant vector of an expression at the end of a minute."""
        answer = self._client.get("/api/v1/query", params={"query": expr, "time": str(minute * 60)})
        assert answer.status_code == 200, answer.text
        for one in answer.json()["data"]["result"]:
            labels = {name: text for name, text in one["metric"].items() if name != "__name__"}
            yield labels, float(one["value"][1])

    def _write(self, samples: Iterable[Sample], minute: int) -> None:
        listed = list(samples)
        if listed:
            answer = self._client.post("/api/v1/write", content=body(listed, minute * 60_000))
            assert answer.status_code == 204, answer.text


@contextmanager
def past_prometheus(
    directory: "Path", objectives: "Iterable[ObjectiveSettings]"
) -> "Iterator[PastPrometheus]":
    """A Prometheus that scrapes nothing and takes what is written to it."""
    config, port = directory / "prometheus.yml", free_port()
    config.write_text("global: {}\n")
    process = subprocess.Popen(
        [
            installed("prometheus"),
            f"--config.file={config}",
            f"--storage.tsdb.path={directory / 'tsdb'}",
            "--storage.tsdb.retention.time=100y",
            f"--web.listen-address=127.0.0.1:{port}",
            "--web.enable-remote-write-receiver",
        ],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        with httpx.Client(
            base_url=f"http://127.0.0.1:{port}",
            trust_env=False,
            headers={"Content-Encoding": "snappy", "Content-Type": "application/x-protobuf"},
            timeout=30.0,
        ) as client:
            _until_ready(client)
            yield PastPrometheus(client, objectives)
    finally:
        process.terminate()
        process.wait()


def _until_ready(client: httpx.Client) -> None:
    until = monotonic() + PATIENCE
    while True:
        try:
            if client.get("/-/ready").status_code == 200:
                return
        except httpx.TransportError:
            assert monotonic() < until, "Prometheus does not answer"
