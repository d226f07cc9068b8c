"""The node's own health as metrics."""

from prometheus_client import CollectorRegistry, generate_latest

from actors.node.metrics import ActorCollector, PeerCollector
from actors.node.peer import PeerStatus

TREE: dict[str, object] = {
    "path": "root",
    "restarts": 0,
    "mailbox": 0,
    "children": [
        {"path": "storage", "restarts": 2, "mailbox": 5, "children": []},
        {
            "path": "slo",
            "restarts": 1,
            "mailbox": 0,
            "children": [{"path": "slo/fraud-latency", "restarts": 3, "mailbox": 1, "children": []}],
        },
    ],
}


def page(collector: ActorCollector | PeerCollector) -> list[str]:
    registry = CollectorRegistry(auto_describe=False)
    registry.register(collector)
    return [line for line in generate_latest(registry).decode().splitlines() if not line.startswith("#")]


def test_every_actor_of_the_tree_is_told_with_restarts_and_mailbox() -> None:
    assert page(ActorCollector(lambda: TREE)) == [
        'slokeeper_actor_restarts_total{path="root"} 0.0',
        'slokeeper_actor_restarts_total{path="storage"} 2.0',
        'slokeeper_actor_restarts_total{path="slo"} 1.0',
        'slokeeper_actor_restarts_total{path="slo/fraud-latency"} 3.0',
        'slokeeper_actor_mailbox_messages{path="root"} 0.0',
        'slokeeper_actor_mailbox_messages{path="storage"} 5.0',
        'slokeeper_actor_mailbox_messages{path="slo"} 0.0',
        'slokeeper_actor_mailbox_messages{path="slo/fraud-latency"} 1.0',
    ]


def test_peer_that_is_unknown_is_not_up() -> None:
    statuses = [
        PeerStatus("blue", "up", silent_seconds=1.0, problem=None, series=4),
        PeerStatus("green", "unknown", silent_seconds=None, problem="no answer within 10 s", series=0),
    ]
    assert page(PeerCollector(lambda: statuses)) == [
        'slokeeper_peer_up{peer="blue"} 1.0',
        'slokeeper_peer_up{peer="green"} 0.0',
    ]
