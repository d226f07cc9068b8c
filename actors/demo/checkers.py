"""Loopback stand-ins for Slack and PagerDuty that check each payload against the documented rules.

They answer as the real ones do, so the receivers run as they would: 200 `ok` and 202 with JSON, 400 with the
reason, 403 for a wrong key, 429 with `Retry-After`.
"""

from collections.abc import Callable
from http import HTTPStatus
from typing import TYPE_CHECKING, Final

import msgspec
from starlette.applications import Starlette
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from actors.demo import pagerduty_rules, slack_rules
from actors.demo.delivered import Delivery, Verdict
from supervisor.clock import monotonic

if TYPE_CHECKING:
    from starlette.requests import Request

RETRY_AFTER_SECONDS: Final = 1
SLACK_PATH: Final = "/services/{team}/{hook}/{token}"
PAGERDUTY_PATH: Final = "/v2/enqueue"

_ACTIONS = {"trigger": "firing", "acknowledge": "acknowledged", "resolve": "resolved"}


class Checkers:
    """Both stand-ins as one ASGI application, and all that came to them.

    Args:
        slack_token: The last part of the only webhook address that is let in.
        routing_key: The only integration key that is let in; 32 characters.
        limit_first: How many of Slack's first messages are answered with 429, >= 0.
        on_delivery: Called with each record as it is made.

    Attributes:
        deliveries: What came, in order.
    """

    def __init__(
        self,
        slack_token: str,
        routing_key: str,
        *,
        limit_first: int = 1,
        on_delivery: Callable[[Delivery], None] | None = None,
    ) -> None:
        self.deliveries: list[Delivery] = []
        self._token, self._routing_key = slack_token, routing_key
        self._to_limit = limit_first
        self._tell = on_delivery

    def create_app(self) -> Starlette:
        """The application to serve."""
        return Starlette(
            routes=[
                Route(SLACK_PATH, self._slack, methods=["POST"]),
                Route(PAGERDUTY_PATH, self._pagerduty, methods=["POST"]),
            ]
        )

    async def _slack(self, request: "Request") -> Response:
        if request.path_params["token"] != self._token:
            self._note(Delivery(monotonic(), "slack", "refused", problems=("unknown webhook",)))
            return PlainTextResponse("invalid_token", HTTPStatus.FORBIDDEN)
        message = _decode(await request.body())
        problems = [*_json_asked_for(request), *slack_rules.problems_of(message)]
        verdict = self._slack_verdict(problems)
        self._note(_slack_record(message, verdict, problems))
        match verdict:
            case "accepted":
                return PlainTextResponse("ok")
            case "limited":
                headers = {"Retry-After": str(RETRY_AFTER_SECONDS)}
                return PlainTextResponse("rate_limited", HTTPStatus.TOO_MANY_REQUESTS, headers)
            case "refused":
                reason = "invalid_blocks" if isinstance(message, dict) else "invalid_payload"
                return PlainTextResponse(reason, HTTPStatus.BAD_REQUEST)

    def _slack_verdict(self, problems: list[str]) -> Verdict:
        if problems:
            return "refused"
        if self._to_limit > 0:
            self._to_limit -= 1
            return "limited"
        return "accepted"

    async def _pagerduty(self, request: "Request") -> Response:
        body = await request.body()
        event = _decode(body)
        problems = [*_json_asked_for(request), *pagerduty_rules.problems_of(event)]
        if len(body) > pagerduty_rules.MAX_BYTES:
            problems.append(f"event must have at most {pagerduty_rules.MAX_BYTES} bytes, got {len(body)}")
        if isinstance(event, dict) and event.get("routing_key") != self._routing_key:
            problems.append("routing_key belongs to no integration")
        record = _pagerduty_record(event, "refused" if problems else "accepted", problems)
        self._note(record)
        if problems:
            answer = {"status": "invalid event", "message": "Event object is invalid", "errors": problems}
            return JSONResponse(answer, HTTPStatus.BAD_REQUEST)
        answer = {"status": "success", "message": "Event processed", "dedup_key": record.key}
        return JSONResponse(answer, HTTPStatus.ACCEPTED)

    def _note(self, record: Delivery) -> None:
        self.deliveries.append(record)
        if self._tell is not None:
            self._tell(record)


def _slack_record(message: object, verdict: Verdict, problems: list[str]) -> Delivery:
    """A record of a message, as far as it can be read."""
    text = message.get("text") if isinstance(message, dict) else None
    word, _, title = (text if isinstance(text, str) else "").partition(": ")
    return Delivery(
        at=monotonic(),
        service="slack",
        verdict=verdict,
        key=" ".join(_fields(message)) or title,
        action=word.lower(),
        title=title,
        problems=tuple(problems),
    )


def _fields(message: object) -> list[str]:
    """The labels in a message's sections: they, and not the summary, identify the alert."""
    blocks = message.get("blocks", []) if isinstance(message, dict) else []
    sections = [block for block in blocks if isinstance(block, dict) and block.get("type") == "section"]
    return [str(field.get("text")) for block in sections for field in block.get("fields", [])]


def _pagerduty_record(event: object, verdict: Verdict, problems: list[str]) -> Delivery:
    """A record of an event, as far as it can be read; the routing key is not kept."""
    known = event if isinstance(event, dict) else {}
    payload = known.get("payload")
    return Delivery(
        at=monotonic(),
        service="pagerduty",
        verdict=verdict,
        key=str(known.get("dedup_key", "")),
        action=_ACTIONS.get(str(known.get("event_action")), ""),
        title=str(payload.get("summary", "")) if isinstance(payload, dict) else "",
        problems=tuple(problems),
    )


def _decode(body: bytes) -> object:
    try:
        return msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None


def _json_asked_for(request: "Request") -> list[str]:
    kind = request.headers.get("content-type", "").partition(";")[0].strip()
    return [] if kind == "application/json" else [f"content-type must be application/json, got {kind!r}"]
