"""The node's faces: an HTTP application to look at it, and scrapers that look at other processes for it."""

from actors.node.annotating import AnnotationsEndpoint
from actors.node.app import create_app
from actors.node.baselines import BaselineFormatError
from actors.node.explaining import ExplainEndpoint
from actors.node.fetch import create_client
from actors.node.http import HttpServer
from actors.node.listen import ListenAddress, ListenError
from actors.node.maintaining import MaintenanceEndpoint
from actors.node.metrics import ActorCollector, PeerCollector
from actors.node.otlp import STORED, PushCollector, PushEndpoint, Pushes, PushWatch
from actors.node.peer import Peer, PeerState, PeerStatus
from actors.node.scraper import Flush, Scraper
from actors.node.serving import GuestServer
from actors.node.traces import TracingCollector
from actors.node.view import NodeView

__all__ = [
    "STORED",
    "ActorCollector",
    "AnnotationsEndpoint",
    "BaselineFormatError",
    "ExplainEndpoint",
    "Flush",
    "GuestServer",
    "HttpServer",
    "ListenAddress",
    "ListenError",
    "MaintenanceEndpoint",
    "NodeView",
    "Peer",
    "PeerCollector",
    "PeerState",
    "PeerStatus",
    "PushCollector",
    "PushEndpoint",
    "PushWatch",
    "Pushes",
    "Scraper",
    "TracingCollector",
    "create_app",
    "create_client",
]
