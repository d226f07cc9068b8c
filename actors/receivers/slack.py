"""Slack: an incoming webhook, in Block Kit."""

from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING, Final, Required, TypeAlias, TypedDict

import msgspec

from actors.posting import Answer, NoAnswer, post
from actors.receivers.outcome import Delivered, GivenUp, Outcome, RetryLater
from actors.receivers.retry import describe, judge
from actors.receivers.wording import clean, cut, iso, links, title
from supervisor.clock import unix_now

if TYPE_CHECKING:
    import httpx

    from actors.alerting import Notification
    from actors.config import Secret
    from supervisor.clock import Seconds

Json: TypeAlias = dict[str, object]

HEADER_LENGTH: Final = 150
TEXT_LENGTH: Final = 3000
FIELDS: Final = 10
FIELD_LENGTH: Final = 300  # 2000 are allowed, but all text of a message together only about 13,000
LINK_LENGTH: Final = 400
CONTEXT_ELEMENTS: Final = 10

_LOOKS = {"firing": (":red_circle:", "FIRING"), "resolved": (":large_green_circle:", "RESOLVED")}
_NOT_UNDERSTOOD = frozenset({"invalid_blocks", "invalid_blocks_format", "invalid_payload"})
_PASSING = frozenset(
    {"ratelimited", "rate_limited", "internal_error", "fatal_error", "service_unavailable", "request_timeout"}
)


class Message(TypedDict, total=False):
    """What Slack takes: blocks to show, and text for where blocks cannot be shown."""

    text: Required[str]
    blocks: list[Json]


@dataclass(frozen=True, slots=True)
class Slack:
    """One incoming webhook: one channel.

    Slack knows no idempotency key: an attempt whose answer was lost is made again, and may show twice.

    Args:
        url: The webhook's address, which is its key.
        timeout: For one attempt, seconds, > 0.

    Source:
        Slack's "Sending messages using incoming webhooks" and "Block Kit" reference, November 2026.
    """

    url: "Secret"
    timeout: "Seconds" = 10.0

    async def send(self, notification: "Notification", client: "httpx.AsyncClient") -> Outcome:
        """Post it; if Slack does not understand the blocks, once more as bare text."""
        message = render(notification)
        reply = await self._post(message, client)
        if (
            isinstance(reply, Answer)
            and reply.status == HTTPStatus.BAD_REQUEST
            and reply.text in _NOT_UNDERSTOOD
        ):
            reply = await self._post({"text": message["text"]}, client)
        return judge_slack(reply, unix_now())

    async def _post(self, message: Message, client: "httpx.AsyncClient") -> Answer | NoAnswer:
        return await post(client, self.url, msgspec.json.encode(message), timeout=self.timeout)


def judge_slack(reply: Answer | NoAnswer, now: "Seconds") -> Outcome:
    """What Slack's answer means: its 200 counts only with the body `ok`.

    A 200 that broke off is sent again: it may show twice, but it will not be missing.

    Args:
        reply: What came back.
        now: Wall time, unix seconds.
    """
    outcome = judge(reply, now)
    if isinstance(reply, NoAnswer) or outcome != Delivered() or reply.text == "ok":
        return outcome
    if not reply.is_whole:
        return RetryLater(None, f"{describe(reply)}, but the body broke off")
    match _decode(reply.body):
        case {"ok": True} | {"success": True}:
            return Delivered()
        case {"ok": False, "error": str(error)} if error in _PASSING:
            return RetryLater(None, describe(reply))
        case _:
            return GivenUp(f"{describe(reply)}; 'ok' was expected")


def _decode(body: bytes) -> object:
    try:
        return msgspec.json.decode(body)
    except msgspec.DecodeError:
        return None


def render(notification: "Notification") -> Message:
    """The message: header, what happened, the labels as fields, the times; and a line of bare text."""
    emoji, word = _LOOKS[notification.status]
    headline = title(notification)
    # The header is plain text, in which nothing can ping; everything else is escaped for the same reason.
    blocks: list[Json] = [
        {"type": "header", "text": _plain(cut(f"{emoji} {word}: {headline}", HEADER_LENGTH))},
        _section(notification),
        {"type": "context", "elements": [_mrkdwn(line) for line in _context(notification)]},
    ]
    return {"text": escape(f"{word}: {headline}", TEXT_LENGTH), "blocks": blocks}


def _section(notification: "Notification") -> Json:
    description = clean(notification.annotations.get("description", "")).strip()
    fields = [
        _mrkdwn(f"*{escape(name, FIELD_LENGTH // 2)}*\n{escape(value, FIELD_LENGTH)}")
        for name, value in list(notification.labels.items())[:FIELDS]
    ]
    section: Json = {"type": "section"}
    if description or not fields:
        section["text"] = _mrkdwn(escape(description or title(notification), TEXT_LENGTH))
    if fields:
        section["fields"] = fields
    return section


def _context(notification: "Notification") -> list[str]:
    lines = [f"fired {_date(notification.fired_at)}"]
    if notification.resolved_at is not None:
        lines.append(f"resolved {_date(notification.resolved_at)}")
    left_out = len(notification.labels) - FIELDS
    if left_out > 0:
        lines.append(f"and {left_out} more labels")
    for text, address in links(notification.annotations):
        link = f"<{escape(address, LINK_LENGTH)}|{escape(text, 50)}>"
        if len(link) < LINK_LENGTH and "|" not in address:  # a link that was cut leads nowhere
            lines.append(link)
    return lines[:CONTEXT_ELEMENTS]


def _date(instant: "Seconds") -> str:
    """An instant that Slack shows in the reader's own time zone."""
    return f"<!date^{int(instant)}^{{date_short_pretty}} {{time_secs}}|{iso(instant)}>"


def escape(text: str, limit: int) -> str:
    """Cleaned text in which nothing is a mention or a link, of at most `limit` characters when escaped."""
    marks = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}
    escaped = [marks.get(char, char) for char in clean(text)]
    if sum(map(len, escaped)) <= limit:
        return "".join(escaped)
    room = limit - 1
    kept: list[str] = []
    for piece in escaped:
        room -= len(piece)
        if room < 0:
            break
        kept.append(piece)
    return "".join(kept) + "…"


def _plain(text: str) -> Json:
    return {"type": "plain_text", "text": text, "emoji": True}


def _mrkdwn(text: str) -> Json:
    # Without `verbatim` Slack would look for mentions and links in the text by itself.
    return {"type": "mrkdwn", "text": text, "verbatim": True}
