"""What is wrong with a file, and how it is said: where, what was found, what would be right."""

# ruff: noqa: E501  one case a line

from pathlib import Path

import pytest

from tests.config.files import CONSOLE, ROUTE, SLO, problems

LATENCY = SLO.replace("availability", "latency")


@pytest.mark.parametrize(
    ("text", "says"),
    [
        # --- shapes
        pytest.param("node = 3", "node must be a table, [node], got 3", id="no-table"),
        pytest.param(
            "[slo]", "slo must be an array of tables, [[slo]], got a table (two brackets)", id="one-bracket"
        ),
        pytest.param("slo = [1]", "slo#1 must be a table, got 1", id="array-of-something-else"),
        pytest.param("[slos]", "slos is no key that is known here (did you mean 'slo'?)", id="unknown-table"),
        pytest.param(
            '[node]\nevaluate_evry = "1m"',
            "node.evaluate_evry is no key that is known here (did you mean 'evaluate_every'?)",
            id="nearest-key",
        ),
        pytest.param(
            "[node]\ntime_factor = 2.0",
            "node.time_factor is no key that is known here (known: name, listen, data_dir, evaluate_every, "
            "drain_every, buffer_size, drain_timeout, latency_buckets, max_instances, max_pushed_series, log, log_level, "
            "log_predictions)",
            id="time-is-not-to-be-bent",
        ),
        pytest.param(
            '[node]\n"a b\\n" = 1',
            "node.'a b\\n' is no key that is known here",
            id="key-that-needs-quotes",
        ),
        # --- node
        pytest.param("[node]\nname = 3", "node.name must be a string, got 3 (write it in quotes)", id="number"),
        pytest.param('[node]\nname = ""', "node.name must be a name on one line, without space around it, got ''", id="empty"),
        pytest.param('[node]\nlisten = "8080"', "node.listen must be 'host:port' with a port from 0 to 65535, got '8080'", id="no-host"),
        pytest.param('[node]\nlisten = "a:65536"', "node.listen must be 'host:port' with a port from 0 to 65535, got 'a:65536'", id="no-port"),
        pytest.param('[node]\nlisten = "::1:80"', "node.listen must have an IPv6 address in brackets, as in '[::1]:8080', got '::1:80'", id="bare-ipv6"),
        pytest.param("[node]\nevaluate_every = 60", 'node.evaluate_every must be a duration such as "30s", "5m", "4h" or "100ms", got 60 (write "60s")', id="bare-number"),
        pytest.param('[node]\nevaluate_every = "0s"', "node.evaluate_every must lie between 1s and 1h, got '0s'", id="never-ending"),
        pytest.param('[node]\nlatency_buckets = ["1s", "1s"]', "node.latency_buckets must ascend, got '1s'", id="buckets-equal"),
        pytest.param("[node]\nlatency_buckets = []", 'node.latency_buckets must be an array of durations such as ["10ms", "100ms", "1s"], got an empty array', id="no-buckets"),
        pytest.param("[node]\ntrace_sample_rate = 0.05", "node.trace_sample_rate has moved; write sample_rate in [tracing]", id="rate-of-traces"),
        pytest.param('[node]\nlog_level = "DEBUG"', "node.log_level must be one of 'debug', 'info', 'warning', 'error', got 'DEBUG'", id="level"),
        # --- objectives
        pytest.param(SLO.replace("checkout", "a/b"), "slo.'a/b'.name must not contain '/', got 'a/b'", id="slash"),
        pytest.param(SLO + SLO, "slo.checkout must have a name of its own, and there are 2 of that name", id="twice"),
        pytest.param(SLO.replace("0.999", "99.9"), "slo.checkout.objective must lie between 0 and 1, got 99.9 (percent? write 0.999)", id="percent"),
        pytest.param(SLO.replace("0.999", '"100%"'), "slo.checkout.objective must lie between 0 and 1, got '100%' (that leaves no error budget: the first failure would break it)", id="perfection"),
        pytest.param(SLO.replace("0.999", "0.9999999999"), "slo.checkout.objective must have at most 9 decimals, got 0.9999999999", id="ten-nines"),
        pytest.param(SLO.replace("0.999", "nan"), 'slo.checkout.objective must be a share such as 0.999 or "99.9%", got nan', id="nan"),
        pytest.param(SLO.replace("objective = 0.999", ""), 'slo.checkout.objective must be set, such as objective = 0.999 or "99.9%"', id="no-objective"),
        pytest.param(SLO.replace('name = "checkout"', ""), 'slo#1.name must be set, such as name = "fraud-availability"', id="nameless"),
        pytest.param(SLO + 'window = "31d"', "slo.checkout.window must lie between 1m and 30d, got '31d'", id="longer-than-kept"),
        pytest.param('[node]\nevaluate_every = "10m"\n' + SLO + 'window = "5m"', "slo.checkout.window must not be shorter than node.evaluate_every, 10m, got 5m", id="shorter-than-evaluation"),
        pytest.param(SLO + 'window = "90s"', "slo.checkout.window must be whole minutes, got 1m30s", id="half-a-minute"),
        pytest.param(SLO + 'threshold = "1s"', "slo.checkout.threshold must not be set for sli 'availability', got 1s (sli = \"latency\"?)", id="needless-threshold"),
        pytest.param(LATENCY, "slo.checkout.threshold must be set for sli 'latency', such as threshold = \"100ms\"", id="no-threshold"),
        pytest.param(SLO + 'match = "a"', 'slo.checkout.match must be a table of labels such as { model = "fraud" }, got \'a\'', id="match"),
        pytest.param(SLO + "match = { model = 1 }", "slo.checkout.match must hold strings only, and at model it does not, got 1", id="match-number"),
        pytest.param(SLO + 'match = { a-b = "" }', "slo.checkout.match must name labels of letters, digits and '_', got 'a-b'", id="label"),
        pytest.param(SLO + 'group_by = ["severity"]', "slo.checkout.group_by must not name a label that alerts have of their own, got 'severity'", id="reserved"),
        pytest.param(SLO + 'group_by = ["condition"]', "slo.checkout.group_by must not name a label that alerts have of their own, got 'condition'", id="reserved-for-blind-ones"),
        pytest.param(SLO + 'group_by = ["a", "a"]', "slo.checkout.group_by must name each label once, and names 'a' twice, got an array", id="label-twice"),
        pytest.param(SLO + 'runbook_url = "wiki"', "slo.checkout.runbook_url must be an address such as 'https://example.com/path', got 'wiki'", id="runbook"),
        # --- receivers and routes
        pytest.param(CONSOLE, "route must be set, since there are receivers: [route] names the one for every alert", id="no-route"),
        pytest.param(CONSOLE + "[route]", 'route.receiver must be set, such as receiver = "terminal"', id="route-without-receiver"),
        pytest.param(CONSOLE + '[route]\nreceiver = "termnal"', "route.receiver must name a [[receiver]], got 'termnal' (did you mean 'terminal'?)", id="unknown-receiver"),
        pytest.param('[route]\nreceiver = "a"', "route.receiver must name a [[receiver]], got 'a' (known: none)", id="no-receivers"),
        pytest.param(CONSOLE + CONSOLE + ROUTE, "receiver.terminal must have a name of its own, and there are 2 of that name", id="receiver-twice"),
        pytest.param(CONSOLE + CONSOLE.replace("terminal", "b") + ROUTE, "receiver.b must be named by a route, and is by none", id="unreached"),
        pytest.param(CONSOLE + ROUTE + "matchers = ['a=b']", "route.matchers must not be set: the root takes every alert; use [[route.routes]]", id="root-with-matchers"),
        pytest.param(CONSOLE + ROUTE + "[[route.routes]]\nmatchers = ['a']", "route.routes#1.matchers must be a matcher such as 'severity=\"page\"', with =, !=, =~ or !~, got 'a'", id="matcher"),
        pytest.param(CONSOLE + ROUTE + "[[route.routes]]\n[[route.routes]]\nmatchers = ['a=~\"[\"']", "route.routes#2.matchers must hold a regular expression, got 'a=~\"[\"' (unterminated character set at position 0)", id="regex"),
        pytest.param(CONSOLE + ROUTE + "[[route.routes]]\nmatchers = 'a=b'", "route.routes#1.matchers must be an array of matchers such as ['severity=\"page\"'], got 'a=b'", id="matchers-without-array"),
        pytest.param(CONSOLE + ROUTE + '[[route.routes]]\ncontinue = "true"', "route.routes#1.continue must be true or false, got 'true' (without quotes)", id="continue"),
        pytest.param(CONSOLE + ROUTE + "".join(f"[[route{'.routes' * n}]]\n" for n in range(1, 30)), f"route{'.routes#1' * 19}.routes must not lie deeper than 20 levels", id="deep"),
        pytest.param(CONSOLE.replace("console", "irc"), "receiver.terminal.type must be one of 'slack', 'pagerduty', 'webhook', 'console', got 'irc'", id="type"),
        # --- peers
        pytest.param('[[peer]]\nname = "a"', "peer.a.url_env must be set; it names the environment variable (or url_file the file) that holds an http:// or https:// address", id="no-address"),
        pytest.param('[[peer]]\nurl = "http://a/m"\n[[peer]]\nname = "b"\nurl = "http://a/m"', "peer.b.url must differ from that of peer.'a:80': its predictions would count twice", id="same-address"),
        pytest.param('[[peer]]\nurl = "http://a/m"\n[[peer]]\nurl = "http://a/n"', "peer.'a:80' must have a name of its own, and there are 2 of that name", id="same-place"),
        pytest.param('[[peer]]\nurl = "http://a/m"\nscrape_every = "1ms"', "peer#1.scrape_every must lie between 100ms and 1h, got '1ms'", id="too-often"),
    ],
)  # fmt: skip
def test_it_is_said_with_the_full_path(tmp_path: Path, text: str, says: str) -> None:
    told = problems(tmp_path, text)
    assert f"config.toml: {says}" in told or any(line.startswith(f"config.toml: {says} (") for line in told)


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(SLO.replace("0.999", "99.9"), id="objective"),
        pytest.param(SLO.replace("availability", "errors") + 'threshold = "1s"', id="sli"),
        pytest.param(LATENCY, id="no-threshold"),
        pytest.param(LATENCY + "threshold = 3", id="threshold"),
        pytest.param(CONSOLE, id="no-route"),
        pytest.param(CONSOLE + "[[route]]", id="route"),
        pytest.param(CONSOLE.replace("console", "irc") + ROUTE + "[[route.routes]]", id="type"),
        pytest.param('[[peer]]\nurl = ""\n[[peer]]\nname = "b"\nurl = "http://b/m"', id="peer"),
    ],
)
def test_one_mistake_is_told_once(tmp_path: Path, text: str) -> None:
    """A value that is wrong is stood in for, and the stand-in causes no complaint of its own."""
    assert len(problems(tmp_path, text)) == 1
