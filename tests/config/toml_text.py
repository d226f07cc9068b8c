"""Values of any kind, and documents of them as TOML."""

import json
import math
from collections.abc import Mapping
from datetime import UTC, date, datetime, time

from hypothesis import strategies as st

from actors.config.node import LOG_FORMS, LOG_LEVELS
from actors.config.receiver import TYPES
from actors.config.slo import SLIS

KEYS = {
    "node": (
        *("name", "listen", "data_dir", "evaluate_every", "drain_every", "drain_timeout", "latency_buckets"),
        *("buffer_size", "log", "log_level", "log_predictions"),
    ),
    "slo": (
        *("name", "sli", "match", "group_by", "rollup", "objective", "window", "time_zone", "threshold"),
        *("quantile", "resolve_hold", "min_coverage", "min_bad_events", "min_slice_events", "rules"),
        "runbook_url",
    ),
    "rule": ("severity", "long_window", "short_window", "burn_rate", "spend"),
    "receiver": (
        *("name", "type", "timeout", "url", "webhook_url", "webhook_url_env", "webhook_url_file", "url_env"),
        *("url_file", "routing_key_env", "routing_key_file"),
    ),
    "route": ("receiver", "matchers", "continue", "routes"),
    "otlp": (
        *(
            "endpoint",
            "push_every",
            "timeout",
            "service_name",
            "compression",
            "headers",
            "headers_env",
            "headers_file",
        ),
        "resource",
    ),
    "tracing": (
        *("sample_rate", "keep_slower_than", "keep_failed", "max_kept_per_second", "exception_texts"),
        *("endpoint", "timeout", "headers", "headers_env", "headers_file"),
    ),
    "peer": ("name", "url", "url_env", "url_file", "scrape_every", "timeout"),
    "maintenance": (
        *("name", "slos", "match", "treat", "starts", "ends", "every", "on", "at", "for", "time_zone"),
    ),
}

_WORDS = (
    *(*SLIS, *TYPES, *LOG_FORMS, *LOG_LEVELS),
    *("a", "b", "a/b", "SET", "UNSET", "127.0.0.1:0", ":99999", "[::1", "."),
    *("month", "Europe/Berlin", "Europe", "UTC", "p99", "p999", "page", "1h", "model=a"),
    *("30s", "5m", "30d", "100ms", "99.9%", 'a="b"', 'a=~"("', "a=~'"),
    *("day", "week", "month", "saturday", "02:00", "UTC", "remove", "good"),
    *("http://a/m", "http://[/", "http://a:b@c/", "http://a:99999999/", "https://é/\t"),
)

texts = st.sampled_from(_WORDS) | st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
scalars = (
    st.none()
    | st.booleans()
    | texts
    | st.integers()
    | st.just(2**10_000)
    | st.floats()
    | st.floats(0, 1)
    | st.dates()
    | st.datetimes()
    | st.datetimes(timezones=st.just(UTC))
    | st.times()
)
values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=6,
)


def tables(kind: str) -> "st.SearchStrategy[dict[str, object]]":
    """A table of one kind: some of its keys, some strange ones, most values plausible."""
    return st.dictionaries(st.sampled_from(KEYS[kind]) | texts, texts | values, max_size=8)


objectives = st.builds(
    lambda slo, rules: slo | rules,
    tables("slo"),
    st.fixed_dictionaries({}, optional={"rules": st.lists(tables("rule"), max_size=3)}),
)
documents = st.dictionaries(st.sampled_from(tuple(KEYS)) | texts, values, max_size=5) | st.fixed_dictionaries(
    {},
    optional={
        "node": tables("node"),
        "slo": st.lists(objectives, max_size=3),
        "receiver": st.lists(tables("receiver"), max_size=3),
        "route": tables("route"),
        "otlp": tables("otlp"),
        "peer": st.lists(tables("peer"), max_size=3),
        "maintenance": st.lists(tables("maintenance"), max_size=3),
    },
)


def as_toml(document: Mapping[str, object]) -> str:
    """A document, one key a line."""
    return "".join(
        f"{_text(key)} = {_value(value)}\n" for key, value in document.items() if value is not None
    )


def _value(value: object) -> str:
    match value:
        case bool():
            return "true" if value else "false"
        case int():
            return hex(value) if value > 2**64 else str(value)
        case float():
            return (
                repr(value) if math.isfinite(value) else {"inf": "inf", "-inf": "-inf"}.get(str(value), "nan")
            )
        case str():
            return _text(value)
        case datetime() | date() | time():
            return value.isoformat()
        case Mapping():
            pairs = (f"{_text(str(key))} = {_value(each)}" for key, each in value.items() if each is not None)
            return f"{{ {', '.join(pairs)} }}"
        case list():
            return f"[{', '.join(_value(each) for each in value if each is not None)}]"
        case _:
            raise TypeError(f"no TOML for {value!r}")


def _text(text: str) -> str:
    quoted = json.dumps(text, ensure_ascii=False)  # escapes are the same in both, but DEL must be one too
    return quoted.replace("\x7f", "\\u007f")
