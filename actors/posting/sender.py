"""One POST, bounded in time and size; however it ends, the end is a value."""

import asyncio
import os
import socket
import ssl
from typing import TYPE_CHECKING

import httpx

from actors.posting.answer import Answer, NoAnswer
from actors.posting.secrecy import http_logs_silenced, mask

if TYPE_CHECKING:
    from collections.abc import Mapping

    from actors.config import Secret
    from supervisor.clock import Seconds

CONNECT_TIMEOUT: "Seconds" = 3.0
MAX_BYTES = 64 * 1024
"""Of an answer; the rest is not read."""

_HEADERS = {
    "Content-Type": "application/json; charset=utf-8",
    "Accept-Encoding": "identity",  # so that 64 KiB read are 64 KiB held
}


def create_client() -> httpx.AsyncClient:
    """A client for all that is sent: no redirects, nothing out of the environment, a connection a request.

    A connection kept open is one that the other side may close just as it is used again, and then nobody
    knows whether the message has arrived; it would also hold on to an address that the DNS has long changed.
    """
    limits = httpx.Limits(max_connections=None, max_keepalive_connections=0)
    return httpx.AsyncClient(follow_redirects=False, trust_env=False, limits=limits)


async def post(
    client: httpx.AsyncClient,
    url: "Secret",
    body: bytes,
    *,
    timeout: "Seconds",
    headers: "Mapping[str, str] | None" = None,
    keys: "tuple[Secret, ...]" = (),
) -> Answer | NoAnswer:
    """POST a JSON body and read at most 64 KiB of the answer.

    Args:
        client: Sends the request.
        url: Where to; neither logged nor repeated.
        body: Encoded JSON.
        timeout: For everything from the connection to the last byte, seconds, > 0; the connection alone
            has 3 s of it.
        headers: Further ones, over the defaults.
        keys: Further secrets that an answer might repeat.

    Returns:
        The answer, also if its body did not come whole; masked where it repeats a secret.
    """
    answer: Answer | None = None
    read = bytearray()
    secrets = [secret.reveal() for secret in (url, *keys)]
    try:
        async with asyncio.timeout(timeout):
            with http_logs_silenced():
                async with client.stream(
                    "POST",
                    secrets[0],
                    content=body,
                    headers={**_HEADERS, **(headers or {})},
                    timeout=httpx.Timeout(timeout, connect=min(timeout, CONNECT_TIMEOUT)),
                    follow_redirects=False,
                ) as response:
                    answer = Answer(response.status_code, response.headers.get("Retry-After"), is_whole=False)
                    is_whole = await _read(response, read)
    except Exception as error:  # noqa: BLE001  whatever a network does costs an attempt, not the sender
        if answer is None:
            return _no_answer(error, timeout)
        is_whole = False
    return Answer(answer.status, answer.retry_after, mask(bytes(read[:MAX_BYTES]), secrets), is_whole)


async def _read(response: httpx.Response, into: bytearray) -> bool:
    async for chunk in response.aiter_raw():
        into += chunk
        if len(into) > MAX_BYTES:
            return False
    return True


def _no_answer(error: Exception, timeout: "Seconds") -> NoAnswer:
    name = type(error).__name__
    match error:
        case httpx.ConnectTimeout():
            return NoAnswer(f"no connection within {min(timeout, CONNECT_TIMEOUT):g} s")
        case TimeoutError() | httpx.TimeoutException():
            return NoAnswer(f"no answer within {timeout:g} s")
        case httpx.ConnectError():
            return NoAnswer(f"no connection ({_system_error(error) or name})")
        case httpx.InvalidURL() | httpx.UnsupportedProtocol() | UnicodeError():
            return NoAnswer(f"the address cannot be used ({name})", may_pass=False)
        case _:
            return NoAnswer(f"the connection broke off ({name})")


def _system_error(error: BaseException) -> str | None:
    """What the operating system, the name service or TLS said; httpx's own text might repeat the address."""
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, BaseExceptionGroup):
            cause = cause.exceptions[0]
        if isinstance(cause, socket.gaierror | ssl.SSLError):  # their numbers are not the system's
            return cause.strerror
        if isinstance(cause, OSError) and cause.errno:
            return os.strerror(cause.errno)
        cause = cause.__cause__ or cause.__context__
    return None
