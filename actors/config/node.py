"""`[node]`."""

from itertools import pairwise
from typing import TYPE_CHECKING, Final

from actors.config.settings import DAY, LogForm, LogLevel, NodeSettings
from actors.config.values import UnfitError, as_flag, as_name, as_text, duration, one_of, whole

if TYPE_CHECKING:
    from actors.config.table import Table
    from supervisor.clock import Seconds

LOG_FORMS: Final[tuple[LogForm, ...]] = ("console", "json")
LOG_LEVELS: Final[tuple[LogLevel, ...]] = ("debug", "info", "warning", "error")
MOST_BUCKETS: Final = 100


def read_node(table: "Table | None") -> NodeSettings:
    """The node's settings; every key has a default."""
    default = NodeSettings()
    if table is None:
        return default
    node = NodeSettings(
        name=table.optional("name", as_name, default.name),
        listen=table.optional("listen", as_listen, default.listen),
        data_dir=table.optional("data_dir", as_folder, default.data_dir),
        evaluate_every=table.optional("evaluate_every", duration(1.0, 3600.0), default.evaluate_every),
        drain_every=table.optional("drain_every", duration(0.01, 60.0), default.drain_every),
        buffer_size=table.optional("buffer_size", whole(1_000, 1_000_000_000), default.buffer_size),
        drain_timeout=table.optional("drain_timeout", duration(0.0, DAY), default.drain_timeout),
        latency_buckets=table.optional("latency_buckets", as_buckets, default.latency_buckets),
        max_instances=table.optional("max_instances", whole(1, 100_000), default.max_instances),
        max_pushed_series=table.optional("max_pushed_series", whole(1, 1_000_000), default.max_pushed_series),
        log=table.optional("log", one_of(LOG_FORMS), default.log),
        log_level=table.optional("log_level", one_of(LOG_LEVELS), default.log_level),
        log_predictions=table.optional("log_predictions", as_flag, default.log_predictions),
    )
    if table.has("trace_sample_rate"):
        table.refuse("trace_sample_rate", "has moved; write sample_rate in [tracing]")
    table.rest_is_unknown()
    return node


def as_listen(value: object) -> str:
    """`host:port`, `[address]:port`, or "" for no HTTP side."""
    text = as_text(value)
    host, colon, port = text.rpartition(":")
    is_port = port.isascii() and port.isdigit() and len(port) <= 5 and int(port) <= 65535
    is_bracketed = host.startswith("[") and host.endswith("]")
    if text and (not colon or not is_port or not host.isprintable() or " " in host):
        raise UnfitError("must be 'host:port' with a port from 0 to 65535", value)
    if text and (":" in host) != is_bracketed:
        raise UnfitError("must have an IPv6 address in brackets, as in '[::1]:8080'", value)
    return text


def as_folder(value: object) -> str:
    """A folder's path, or "" for none."""
    text = as_text(value)
    if not text.isprintable():
        raise UnfitError("must be the path of a folder", value)
    return text


def as_buckets(value: object) -> "tuple[Seconds, ...]":
    """Durations that ascend."""
    if not isinstance(value, list) or not 0 < len(value) <= MOST_BUCKETS:
        raise UnfitError('must be an array of durations such as ["10ms", "100ms", "1s"]', value)
    bounds = tuple(map(duration(0.001, 3600.0), value))
    for written, (lower, upper) in zip(value[1:], pairwise(bounds), strict=True):
        if lower >= upper:
            raise UnfitError("must ascend", written)
    return bounds
