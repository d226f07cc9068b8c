"""The console: a block of text for whoever looks."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from rich.console import Console
from rich.text import Text

from actors.receivers.outcome import Delivered, GivenUp, Outcome
from actors.receivers.wording import clean, iso, title

if TYPE_CHECKING:
    import httpx

    from actors.alerting import Notification

_LOOKS = {"firing": ("●", "bold red"), "resolved": ("○", "bold green")}


class LastingConsole(Console):
    """A rich console whose broken pipe is an error to catch; rich would end the whole program."""

    def on_broken_pipe(self) -> None:
        """Let the one who printed decide."""
        raise BrokenPipeError


@dataclass(frozen=True, slots=True)
class ConsoleDestination:
    """A terminal, or a file that stands in for one.

    Args:
        console: Where it is printed; standard error by default, so that a pipe gets nothing of it.
    """

    console: Console = field(default_factory=lambda: LastingConsole(stderr=True))

    async def send(self, notification: "Notification", client: "httpx.AsyncClient") -> Outcome:  # noqa: ARG002
        """Print it; given up only if there is no terminal any more."""
        try:
            self.console.print(render(notification), soft_wrap=True)
        # SystemExit is what a plain console makes of a broken pipe; the alerts have other ways to go.
        except (OSError, ValueError, SystemExit) as error:
            return GivenUp(f"cannot write to the console ({type(error).__name__})")
        return Delivered()


def render(notification: "Notification") -> Text:
    """The block: one line with the state and what it is about, then labels, description and times."""
    mark, style = _LOOKS[notification.status]
    block = Text()
    block.append(f"{mark} {notification.status.upper()}", style).append(f"  {title(notification)}\n", "bold")
    description = clean(notification.annotations.get("description", "")).strip()
    if description:
        block.append("".join(f"  {line}\n" for line in description.splitlines()))
    labels = "  ".join(f"{clean(name)}={clean(value)}" for name, value in notification.labels.items())
    block.append(f"  {labels}\n", "cyan")
    block.append(f"  fired {iso(notification.fired_at)}", "dim")
    if notification.resolved_at is not None:
        block.append(f", resolved {iso(notification.resolved_at)}", "dim")
    return block
