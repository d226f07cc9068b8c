"""What came to the loopback servers, as records, and what follows from them."""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from supervisor.clock import Seconds

Verdict = Literal["accepted", "refused", "limited"]


@dataclass(frozen=True, slots=True)
class Delivery:
    """One request that a loopback server answered.

    Attributes:
        at: Monotonic time of the answer, seconds.
        service: "slack" or "pagerduty".
        verdict: "accepted" with a 2xx; "refused" for breaking a rule; "limited" with a 429.
        key: What identifies the alert: PagerDuty's dedup_key, the labels in a Slack message.
        action: "firing" or "resolved"; empty where the request does not tell.
        title: For people.
        problems: The rules it broke.
    """

    at: "Seconds"
    service: str
    verdict: Verdict
    key: str = ""
    action: str = ""
    title: str = ""
    problems: tuple[str, ...] = ()


def accepted(deliveries: Iterable[Delivery], service: str) -> list[Delivery]:
    """Those that a service took, in order."""
    return [one for one in deliveries if one.service == service and one.verdict == "accepted"]


def duplicates(deliveries: Iterable[Delivery]) -> list[Delivery]:
    """Accepted ones that told a service what it knew already.

    An alert may fire, resolve and fire again: only the same action twice running for the same alert is a
    duplicate, and a resolve of what never fired.
    """
    last: dict[tuple[str, str], str] = {}
    repeated = []
    for one in deliveries:
        if one.verdict != "accepted":
            continue
        alert = (one.service, one.key)
        if last.get(alert, "resolved") == one.action:
            repeated.append(one)
        last[alert] = one.action
    return repeated


def still_open(deliveries: Iterable[Delivery]) -> set[tuple[str, str]]:
    """(service, key) of the alerts whose last accepted word was that they fire."""
    last = {(one.service, one.key): one.action for one in deliveries if one.verdict == "accepted"}
    return {alert for alert, action in last.items() if action == "firing"}


def retry_gaps(deliveries: Iterable[Delivery], service: str) -> list["Seconds"]:
    """How long after each 429 of a service the next request came, seconds."""
    own = [one for one in deliveries if one.service == service]
    return [later.at - one.at for one, later in pairwise(own) if one.verdict == "limited"]
