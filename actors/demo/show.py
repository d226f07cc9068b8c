"""What the audience is shown: everything the view draws, as values."""

from collections import deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from actors.demo.picture import Picture
from actors.demo.plan import LATENCY

if TYPE_CHECKING:
    from actors.demo.delivered import Delivery
    from actors.demo.story import Act
    from supervisor.clock import Seconds

BURN_SHOWN: Final = "1h"
HISTORY: Final = 240
"""Values a curve keeps; at eight a second, half a minute."""


@dataclass(slots=True)
class Show:
    """The state of the play.

    Attributes:
        acts: The whole story.
        position: Of the act that is on; `len(acts)` when all are over.
        began_at: Monotonic time at which the first act began, seconds.
        act_began_at: And the present one.
        picture: The node at the last look.
        sent: Requests by version.
        news: What was worth telling, oldest first.
        curves: The last values by (what, version); None where nothing was known.
        urls: What can be visited, by name.
    """

    acts: "tuple[Act, ...]"
    position: int = 0
    began_at: "Seconds" = 0.0
    act_began_at: "Seconds" = 0.0
    picture: Picture = field(default_factory=lambda: Picture(at=0.0))
    sent: dict[str, int] = field(default_factory=dict)
    news: "list[tuple[Seconds, str]]" = field(default_factory=list)
    curves: dict[tuple[str, str], deque[float | None]] = field(default_factory=dict)
    urls: dict[str, str] = field(default_factory=dict)

    @property
    def act(self) -> "Act | None":
        """The act that is on."""
        return self.acts[self.position] if self.position < len(self.acts) else None

    def look(self, picture: Picture) -> None:
        """Take a new picture, and draw the curves on."""
        self.picture = picture
        for one in picture.objectives:
            if one.name == LATENCY:
                self._plot(("p99", one.version), one.p99)
            self._plot((one.name, one.version), one.burn_rates.get(BURN_SHOWN))

    def tell(self, at: "Seconds", text: str) -> None:
        """Put something on the news."""
        self.news.append((at, text))

    def _plot(self, name: tuple[str, str], value: float | None) -> None:
        self.curves.setdefault(name, deque(maxlen=HISTORY)).append(value)


def in_words(delivery: "Delivery") -> str:
    """One delivery as a line of news."""
    service = {"slack": "Slack", "pagerduty": "PagerDuty"}[delivery.service]
    match delivery.verdict:
        case "accepted":
            return f"{service} took: {delivery.action} · {delivery.title or delivery.key[:12]}"
        case "limited":
            return f"{service} answered 429, Retry-After 1 s: {delivery.action} · {delivery.title}"
        case "refused":
            return f"{service} refused: {'; '.join(delivery.problems)}"
