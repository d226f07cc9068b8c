"""The demo's settings: what stands in `config.toml` elsewhere."""

from typing import TYPE_CHECKING, Literal

from actors.config.settings import (
    Matcher,
    NodeSettings,
    ObjectiveSettings,
    PeerSettings,
    ReceiverSettings,
    RouteSettings,
    Secret,
    Settings,
)
from actors.demo.plan import (
    AVAILABILITY,
    DAY,
    DRAIN_EVERY,
    LATENCY,
    MINUTE,
    MODEL,
    OBJECTIVE,
    SCRAPE_EVERY,
    THRESHOLD,
    TIME_FACTOR,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from supervisor.clock import Seconds


def server_settings(version: str, listen: str) -> Settings:
    """For the monitor inside a model server: it counts and tells; the node judges."""
    return Settings(node=_node(f"{MODEL}-{version}", listen))


def node_settings(
    peers: "Mapping[str, str]", *, slack_url: str, pagerduty_url: str, routing_key: str
) -> Settings:
    """For the node that scrapes both model servers, judges them and wakes people.

    Args:
        peers: Address of each peer's metrics by its name.
        slack_url: The webhook's address, token and all.
        pagerduty_url: The events address.
        routing_key: Of the integration.
    """
    return Settings(
        node=_node("demo", "127.0.0.1:0"),
        slos=(
            _objective(AVAILABILITY, "availability", None),
            _objective(LATENCY, "latency", THRESHOLD),
        ),
        receivers=(
            ReceiverSettings(name="ml-team", type="slack", url=Secret(slack_url)),
            ReceiverSettings(
                name="oncall",
                type="pagerduty",
                url=Secret(pagerduty_url),
                routing_key=Secret(routing_key),
            ),
        ),
        route=RouteSettings(
            receiver="ml-team",
            routes=(
                RouteSettings(
                    receiver="oncall", matchers=(Matcher("severity", "=", "page"),), continue_=True
                ),
                RouteSettings(receiver="ml-team"),
            ),
        ),
        peers=tuple(
            PeerSettings(url=url, name=name, scrape_every=SCRAPE_EVERY, timeout=5.0)
            for name, url in peers.items()
        ),
    )


def _node(name: str, listen: str) -> NodeSettings:
    return NodeSettings(
        name=name,
        listen=listen,
        data_dir="",
        evaluate_every=MINUTE,
        drain_every=DRAIN_EVERY,
        time_factor=TIME_FACTOR,
    )


def _objective(
    name: str, sli: 'Literal["availability", "latency"]', threshold: "Seconds | None"
) -> ObjectiveSettings:
    return ObjectiveSettings(
        name=name,
        sli=sli,
        match={"model": MODEL},
        group_by=("version",),
        objective=OBJECTIVE,
        window=30 * DAY,
        threshold=threshold,
    )
