"""From a file to settings."""

from pathlib import Path

import pytest

from actors.config import (
    ConfigError,
    Matcher,
    NodeSettings,
    ObjectiveSettings,
    PeerSettings,
    ReceiverSettings,
    RouteSettings,
    RuleSettings,
    Secret,
    Settings,
    load_node_settings,
    load_settings,
)
from tests.config.files import CONSOLE, SLO, loaded, problems

WHOLE = """
[node]
name = "node-7"
listen = "[::1]:9000"
data_dir = ""
evaluate_every = "30s"
drain_every = "250ms"
drain_timeout = "0s"
latency_buckets = ["10ms", "1s", "1m30s"]
log = "json"
log_level = "warning"
log_predictions = true

[[slo]]
name = "fraud-latency"
sli = "latency"
match = { model = "fraud", region = "" }
group_by = ["version"]
objective = "99.9%"
window = "28d"
threshold = "100ms"
quantile = "p99"
rollup = true
resolve_hold = "10m"
min_coverage = "70%"
min_bad_events = 9
min_slice_events = 20
runbook_url = "https://example.com/runbook"

[[slo.rules]]
severity = "page"
long_window = "30m"
short_window = "2m"
burn_rate = 20

[[slo.rules]]
severity = "ticket"
long_window = "1d"
short_window = "2h"
spend = "10%"

[[slo]]
name = "calendar"
sli = "availability"
objective = 0.99
window = "quarter"
time_zone = "Europe/Berlin"

[[receiver]]
name = "ml-team"
type = "slack"
webhook_url_env = "SLACK"

[[receiver]]
name = "oncall"
type = "pagerduty"
routing_key_env = "PAGERDUTY"
timeout = "3s"

[route]
receiver = "ml-team"

[[route.routes]]
matchers = ['severity="page"', "slo=~'.*'"]
receiver = "oncall"
continue = true

[[route.routes.routes]]
matchers = ['model!="fraud"']

[[peer]]
url = "http://10.0.0.7:8000/metrics"

[[peer]]
name = "second"
url = "https://example.com/metrics"
scrape_every = "5s"
timeout = "1s"
""".replace("\"slo=~'.*'\"", "'slo=~\".*\"'")


def test_every_key_reaches_its_setting(tmp_path: Path) -> None:
    secrets = {"SLACK": "https://hooks.example.com/T/B/X", "PAGERDUTY": "R0UT1NG"}
    assert loaded(tmp_path, WHOLE, secrets) == Settings(
        node=NodeSettings(
            name="node-7",
            listen="[::1]:9000",
            data_dir="",
            evaluate_every=30.0,
            drain_every=0.25,
            drain_timeout=0.0,
            latency_buckets=(0.01, 1.0, 90.0),
            log="json",
            log_level="warning",
            log_predictions=True,
        ),
        slos=(
            ObjectiveSettings(
                name="fraud-latency",
                sli="latency",
                match={"model": "fraud", "region": ""},
                group_by=("version",),
                objective=0.999,
                window=28 * 86_400.0,
                threshold=0.1,
                quantile=0.99,
                rollup=True,
                resolve_hold=600.0,
                min_coverage=0.7,
                min_bad_events=9,
                min_slice_events=20,
                runbook_url="https://example.com/runbook",
                rules=(
                    RuleSettings(severity="page", long_window=1800.0, short_window=120.0, burn_rate=20.0),
                    RuleSettings(severity="ticket", long_window=86_400.0, short_window=7200.0, spend=0.1),
                ),
            ),
            ObjectiveSettings(
                name="calendar",
                sli="availability",
                match={},
                objective=0.99,
                window=90 * 86_400.0,
                calendar="quarter",
                time_zone="Europe/Berlin",
            ),
        ),
        receivers=(
            ReceiverSettings(name="ml-team", type="slack", url=Secret("https://hooks.example.com/T/B/X")),
            ReceiverSettings(
                name="oncall",
                type="pagerduty",
                url=Secret("https://events.pagerduty.com/v2/enqueue"),
                routing_key=Secret("R0UT1NG"),
                timeout=3.0,
            ),
        ),
        route=RouteSettings(
            receiver="ml-team",
            routes=(
                RouteSettings(
                    receiver="oncall",
                    matchers=(Matcher("severity", "=", "page"), Matcher("slo", "=~", ".*")),
                    continue_=True,
                    routes=(RouteSettings(receiver="oncall", matchers=(Matcher("model", "!=", "fraud"),)),),
                ),
            ),
        ),
        peers=(
            PeerSettings(url="http://10.0.0.7:8000/metrics", name="10.0.0.7:8000"),
            PeerSettings(url="https://example.com/metrics", name="second", scrape_every=5.0, timeout=1.0),
        ),
    )


def test_an_empty_file_is_a_node_with_all_defaults(tmp_path: Path) -> None:
    assert loaded(tmp_path, "") == Settings()


def test_a_byte_order_mark_is_no_problem(tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_bytes(b'\xef\xbb\xbf[node]\nname = "a"\n')
    assert load_settings(tmp_path / "config.toml", {}).node.name == "a"


@pytest.mark.parametrize(
    ("url", "name"),
    [
        pytest.param("http://host/metrics", "host:80", id="port-of-http"),
        pytest.param("https://host/metrics", "host:443", id="port-of-https"),
        pytest.param("http://[::1]:9/metrics", "[::1]:9", id="ipv6"),
    ],
)
def test_a_peer_without_a_name_is_called_by_its_place(tmp_path: Path, url: str, name: str) -> None:
    assert loaded(tmp_path, f'[[peer]]\nurl = "{url}"').peers[0].name == name


def test_a_route_without_a_receiver_takes_that_above_it(tmp_path: Path) -> None:
    route = loaded(tmp_path, CONSOLE + '[route]\nreceiver = "terminal"\n[[route.routes]]\n').route
    assert route is not None
    assert route.routes == (RouteSettings(receiver="terminal"),)


def test_all_problems_of_a_file_are_told_at_once(tmp_path: Path) -> None:
    text = 'nod = 1\n[node]\nlog = "jsn"\n' + SLO.replace("0.999", "99.9") + '[[peer]]\nurl = ""\n'
    assert problems(tmp_path, text) == (
        "config.toml: node.log must be one of 'console', 'json', got 'jsn' (did you mean 'json'?)",
        "config.toml: slo.checkout.objective must lie between 0 and 1, got 99.9 (percent? write 0.999)",
        "config.toml: peer#1.url must be an address such as 'http://10.0.0.7:8000/metrics'",
        "config.toml: nod is no key that is known here (did you mean 'node'?)",
    )


def test_the_message_is_all_problems_each_on_a_line(tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as refusal:
        loaded(tmp_path, "a = 1\nb = 2\n")
    assert str(refusal.value).splitlines() == list(refusal.value.problems)
    assert len(refusal.value.problems) == 2


@pytest.mark.parametrize(
    ("content", "says"),
    [
        pytest.param(b"[node\n", "config.toml: must be TOML: ", id="not-toml"),
        pytest.param(
            b"[node]\nname = '\xff'", "config.toml: must be UTF-8, and is not at byte 15", id="latin-1"
        ),
        pytest.param(b"a = " + b"[" * 5000, "config.toml: must be TOML, and is nested too deeply", id="deep"),
        pytest.param(
            b"#" * (4 << 20) + b"#", "config.toml: must have at most 4194304 bytes, and has more", id="huge"
        ),
    ],
)
def test_what_is_no_toml_is_refused(tmp_path: Path, content: bytes, says: str) -> None:
    path = tmp_path / "config.toml"
    path.write_bytes(content)
    with pytest.raises(ConfigError) as refusal:
        load_settings(path, {})
    assert len(refusal.value.problems) == 1
    assert says in refusal.value.problems[0]


def test_a_file_that_is_not_there_is_named_with_its_folder(tmp_path: Path) -> None:
    path = tmp_path / "none.toml"
    with pytest.raises(
        ConfigError, match=r"none\.toml: cannot be read: No such file or directory"
    ) as refusal:
        load_settings(path, {})
    assert refusal.value.problems[0].startswith(str(path))


@pytest.mark.parametrize("path", ["", "a\0b", "."])
def test_a_path_that_leads_to_no_file_is_refused(path: str) -> None:
    with pytest.raises(ConfigError, match="cannot be read"):
        load_settings(Path(path), {})


def test_a_node_is_read_without_the_secrets_of_its_receivers(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    path.write_text(
        '[node]\nlisten = ":1"\n[[receiver]]\nname = "a"\ntype = "slack"\nwebhook_url_env = "NONE"\n'
    )
    assert load_node_settings(path).listen == ":1"
