"""What stands in `config.toml`, typed; times in seconds, secrets wrapped."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, Literal, Self, TypeAlias

if TYPE_CHECKING:
    from actors.config.actions import ActionSettings
    from actors.config.recurrence import Once, Recurrence
    from supervisor.clock import Seconds

Sli: TypeAlias = Literal["availability", "latency"]
ReceiverType: TypeAlias = Literal["slack", "pagerduty", "webhook", "console"]
MatchOperator: TypeAlias = Literal["=", "!=", "=~", "!~"]
Severity: TypeAlias = Literal["page", "ticket"]
Calendar: TypeAlias = Literal["week", "month", "quarter", "year"]
Treatment: TypeAlias = Literal["remove", "good"]
LogForm: TypeAlias = Literal["console", "json"]
Compression: TypeAlias = Literal["gzip", "none"]
LogLevel: TypeAlias = Literal["debug", "info", "warning", "error"]

DAY: Final = 86_400.0
MASK: Final = "***"


class Secret:
    """A token or an address that is one; only `reveal` gives it.

    A pickled secret has lost its value: it does not leave the process.

    Args:
        value: The secret.
        source: Where it was found, for people: "$SLACK_WEBHOOK_URL"; "" if that is not known.
    """

    __slots__ = ("_source", "_value")

    def __init__(self, value: str, source: str = "") -> None:
        self._value = value
        self._source = source

    @property
    def source(self) -> str:
        """Where it was found; safe to show."""
        return self._source

    def reveal(self) -> str:
        """The value itself, for the one who sends it."""
        return self._value

    def __repr__(self) -> str:
        return f"Secret({MASK!r})"

    def __str__(self) -> str:
        return MASK

    def __format__(self, _: str) -> str:
        return MASK

    def __eq__(self, other: object) -> bool:
        return self._value == other._value if isinstance(other, Secret) else NotImplemented

    def __hash__(self) -> int:
        return hash((Secret, self._value))

    def __copy__(self) -> Self:
        return self

    def __deepcopy__(self, _: object) -> Self:
        return self

    def __reduce__(self) -> "tuple[type[Secret], tuple[str, str]]":
        return Secret, (MASK, self._source)


@dataclass(frozen=True, slots=True, kw_only=True)
class NodeSettings:
    """`[node]`: one process of ours.

    Attributes:
        name: Shown as the source of its alerts.
        listen: `host:port` of its HTTP side; a port of 0 takes any free one, "" serves nothing.
        data_dir: Folder of its database; "" keeps everything in memory.
        evaluate_every: Between two judgements of the objectives, seconds.
        drain_every: Between two looks into the buffers of predictions, seconds.
        buffer_size: How many predictions a series may have waiting to be counted, > 0; while nobody counts,
            the oldest above are dropped, and how many is told.
        drain_timeout: For answers under way after SIGTERM, seconds, >= 0.
        time_factor: How many seconds of objectives pass in a real one; 1.0 but in the demo, and not to be
            set in a file.
        latency_buckets: Upper bounds of the exposed histogram, seconds, ascending; each objective's
            threshold is added.
        max_instances: How many processes that push metrics are known at once, > 0.
        max_pushed_series: How many series they may have together, > 0.
        log: For people, or one JSON object a line.
        log_level: The least that is logged.
        log_predictions: Whether each prediction is a log line, at debug.
    """

    name: str = "slokeeper"
    listen: str = "127.0.0.1:8080"
    data_dir: str = ".slokeeper"
    evaluate_every: "Seconds" = 60.0
    drain_every: "Seconds" = 0.5
    buffer_size: int = 1_000_000
    drain_timeout: "Seconds" = 5.0
    time_factor: float = 1.0
    latency_buckets: "tuple[Seconds, ...]" = (0.01, 0.05, 0.1, 0.5, 1.0)
    max_instances: int = 1000
    max_pushed_series: int = 10_000
    log: LogForm = "console"
    log_level: LogLevel = "info"
    log_predictions: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleSettings:
    """`[[slo.rules]]`: one burn-rate rule of its own.

    Attributes:
        severity: What it calls for.
        long_window: Seconds, whole minutes.
        short_window: Seconds, whole minutes, below `long_window`.
        burn_rate: That both windows must be above, > 0; None where `spend` is given.
        spend: The share of the error budget that is gone when the long window trips, in 0..1; None where
            `burn_rate` is given.
    """

    severity: Severity
    long_window: "Seconds"
    short_window: "Seconds"
    burn_rate: float | None = None
    spend: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ObjectiveSettings:
    """`[[slo]]`: one promise about the series that `match`.

    Attributes:
        name: Unique.
        sli: What is good: `availability`, a prediction that did not fail; `latency`, one within `threshold`.
        match: Labels that a series must have to count.
        group_by: Labels by whose values series are judged apart; empty judges all together.
        objective: The share that must be good, between 0 and 1.
        window: That the error budget is for, seconds; of a calendar's period its nominal length.
        calendar: The period that the budget begins anew with; None for a rolling window.
        time_zone: Whose midnight a period begins at, an IANA name.
        threshold: Up to which a prediction is fast enough, seconds; None for availability.
        quantile: Share of a minute's predictions that must be within `threshold` for the minute to be good;
            None judges each prediction by itself.
        rollup: Whether all groups together are judged too.
        resolve_hold: How long a rule must be false before its alert resolves, seconds, >= 0.
        min_coverage: Share of a rule's long window that must have been measured, in 0..1; 0 turns the guard
            off, and silence is then as good as health.
        min_bad_events: Bad events that a rule's long window must hold before it is true; 0 turns that off.
        min_slice_events: Predictions a minute must have to be judged by its quantile, >= 1; None takes
            1 / (1 - quantile), below which the quantile is the slowest one.
        rules: Instead of the workbook's four; empty takes those.
        runbook_url: Shown with its alerts.
    """

    name: str
    sli: Sli
    match: Mapping[str, str]
    group_by: tuple[str, ...] = ()
    objective: float = 0.999
    window: "Seconds" = 30 * DAY
    calendar: Calendar | None = None
    time_zone: str = "UTC"
    threshold: "Seconds | None" = None
    quantile: float | None = None
    rollup: bool = False
    resolve_hold: "Seconds" = 300.0
    min_coverage: float = 0.5
    min_bad_events: int = 5
    min_slice_events: int | None = None
    rules: tuple[RuleSettings, ...] = ()
    runbook_url: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class MaintenanceSettings:
    """`[[maintenance]]`: when what goes wrong is planned.

    Attributes:
        name: Unique.
        when: Once, or again and again.
        slos: Names of the objectives it is for; empty is for all.
        match: Labels that an objective, or a group of it, must have.
        treat: Whether its events leave the total, or its bad ones count as good.
    """

    name: str
    when: "Once | Recurrence"
    slos: tuple[str, ...] = ()
    match: Mapping[str, str] = field(default_factory=dict)
    treat: Treatment = "remove"


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceiverSettings:
    """`[[receiver]]`: somewhere notifications go.

    Attributes:
        name: Unique; routes name it.
        type: What it speaks.
        url: Of the webhook or of the events API; None for the console.
        routing_key: Of PagerDuty's integration; None for all others.
        timeout: For one attempt, seconds, > 0.
    """

    name: str
    type: ReceiverType
    url: Secret | None = None
    routing_key: Secret | None = None
    timeout: "Seconds" = 10.0


@dataclass(frozen=True, slots=True)
class Matcher:
    """One condition on a label; a label that is missing is the empty string.

    Attributes:
        name: Of the label.
        op: Equal, unequal, matches wholly, does not match wholly.
        value: To compare with, a regular expression for `=~` and `!~`.
    """

    name: str
    op: MatchOperator
    value: str

    def __str__(self) -> str:
        escaped = self.value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
        return f'{self.name}{self.op}"{escaped}"'


@dataclass(frozen=True, slots=True, kw_only=True)
class RouteSettings:
    """`[route]`: who is told of which alerts; the deepest route that matches decides.

    Attributes:
        receiver: Told of what no route below it takes.
        matchers: All must hold; none hold for every alert.
        continue_: Whether the routes after this one are asked too.
        routes: Those below it, in the order in which they are asked.
    """

    receiver: str
    matchers: tuple[Matcher, ...] = ()
    continue_: bool = False
    routes: "tuple[RouteSettings, ...]" = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class PeerSettings:
    """`[[peer]]`: another process whose metrics are read.

    Attributes:
        url: Of its Prometheus page; may hold credentials, so it is in no repr.
        name: Unique; the loader takes `host:port` of the address if the file has none.
        scrape_every: Between two reads, seconds, > 0.
        timeout: For one read, seconds, > 0.
    """

    url: str = field(repr=False)
    name: str
    scrape_every: "Seconds" = 15.0
    timeout: "Seconds" = 10.0


@dataclass(frozen=True, slots=True, kw_only=True)
class OtlpSettings:
    """`[otlp]`: where our counts are pushed.

    Attributes:
        endpoint: Address of a collector or a node of ours, without `/v1/metrics`, which is added.
        push_every: Between two pushes, seconds, > 0.
        timeout: For one request, seconds, > 0.
        service_name: What is counted here is this service's, together with all others of the same name.
        compression: Of each request.
        headers: Of each request, as `headers_in` reads them; None for none.
        resource: Further attributes of the resource.
    """

    endpoint: str
    push_every: "Seconds" = 15.0
    timeout: "Seconds" = 10.0
    service_name: str = "slokeeper"
    compression: Compression = "gzip"
    headers: Secret | None = None
    resource: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class TracingSettings:
    """`[tracing]`: which predictions become OpenTelemetry spans, and where those go.

    Attributes:
        sample_rate: Share of predictions that is traced whatever becomes of them, 0 to 1.
        keep_slower_than: What takes longer is kept though it was not sampled, seconds.
        keep_failed: Whether what fails is kept though it was not sampled.
        max_kept_per_second: Of the slow and failed ones at most so many are kept; 0 keeps none.
        exception_texts: Whether spans tell what exceptions say.
        endpoint: Address of a collector, without `/v1/traces`, which is added; "" leaves it to the
            environment variables of OpenTelemetry. Not used where the application has a provider of its own.
        headers: Of each request to it, as `headers_in` reads them; None for none.
        timeout: For one request, seconds, > 0.
    """

    sample_rate: float = 0.01
    keep_slower_than: "Seconds" = 1.0
    keep_failed: bool = True
    max_kept_per_second: int = 10
    exception_texts: bool = False
    endpoint: str = ""
    headers: Secret | None = None
    timeout: "Seconds" = 10.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """The whole file.

    Attributes:
        route: None sends no notifications; then there are no receivers either.
        otlp: None pushes nothing.
        tracing: None traces nothing.
    """

    node: NodeSettings = field(default_factory=NodeSettings)
    slos: tuple[ObjectiveSettings, ...] = ()
    maintenance: tuple[MaintenanceSettings, ...] = ()
    receivers: tuple[ReceiverSettings, ...] = ()
    route: RouteSettings | None = None
    peers: tuple[PeerSettings, ...] = ()
    otlp: OtlpSettings | None = None
    tracing: TracingSettings | None = None
    actions: "tuple[ActionSettings, ...]" = ()
