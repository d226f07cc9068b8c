"""An application that counts predictions which nobody judges does not start."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from starlette.types import ASGIApp, Message, Receive, Scope, Send


class MonitorNotRunningError(RuntimeError):
    """Predictions would be counted, and nobody would look at them."""

    def __init__(self) -> None:
        super().__init__(
            "PredictionMiddleware is mounted, but nothing runs its monitor and judges what is counted; give "
            "the application lifespan=actors.lifespan(monitor), or run the server within 'with monitor:'"
        )


async def start_watched(
    app: "ASGIApp", scope: "Scope", receive: "Receive", send: "Send", is_running: "Callable[[], bool]"
) -> None:
    """Run an application's lifespan; its start fails if the monitor does not run by its end.

    The refusal is raised where the application says that it has started, so that it takes down in order what
    it has put up; the server hears one line of it.

    Args:
        app: The application.
        scope: As the server called.
        receive: Likewise.
        send: Likewise.
        is_running: Whether the monitor runs.
    """
    refusal: MonitorNotRunningError | None = None
    is_told = False

    async def watched(message: "Message") -> None:
        nonlocal refusal, is_told
        if message["type"] == "lifespan.startup.complete" and not is_running():
            refusal = MonitorNotRunningError()
            raise refusal
        if refusal is not None:
            if message["type"] != "lifespan.startup.failed":
                return
            is_told = True
            message = {**message, "message": str(refusal)}
        await send(message)

    try:
        await app(scope, receive, watched)
    except Exception as error:
        if refusal is None or error is not refusal:
            raise
    if refusal is not None and not is_told:
        await send({"type": "lifespan.startup.failed", "message": str(refusal)})
