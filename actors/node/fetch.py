"""One GET of a peer's page, bounded in time and size."""

import asyncio
from http import HTTPStatus
from typing import TYPE_CHECKING

import httpx

from actors.node.prometheus_text import PeerAnswerError

if TYPE_CHECKING:
    from supervisor.clock import Seconds

MAX_BYTES = 20 * 1024 * 1024
"""Of a page, decompressed."""

_HEADERS = {"Accept": "text/plain;version=0.0.4;q=1,text/plain;q=0.5", "Accept-Encoding": "gzip"}


class PeerUnreachableError(ConnectionError):
    """A peer gave no answer."""


def create_client() -> httpx.AsyncClient:
    """A client for all scrapers: no redirects, no proxy and no credentials out of the environment."""
    return httpx.AsyncClient(headers=_HEADERS, follow_redirects=False, trust_env=False)


async def fetch_page(
    client: httpx.AsyncClient, url: str, timeout: "Seconds", max_bytes: int = MAX_BYTES
) -> bytes:
    """Get a page whole.

    Args:
        client: Sends the request.
        url: Where the page is; shown in no error, since it may hold credentials.
        timeout: For everything from the connection to the last byte, seconds, > 0.
        max_bytes: Size of the page, decompressed, from which on it is refused.

    Raises:
        PeerUnreachableError: No connection, no answer in time, or it broke off.
        PeerAnswerError: The answer is not 200, or too large.
    """
    try:
        async with (
            asyncio.timeout(timeout),
            client.stream("GET", url, headers=_HEADERS, timeout=timeout) as response,
        ):
            if response.status_code != HTTPStatus.OK:
                raise PeerAnswerError(f"status must be 200, got {response.status_code}")
            return await _body(response, max_bytes)
    except (TimeoutError, httpx.TimeoutException) as error:
        raise PeerUnreachableError(f"no answer within {timeout:g} s") from error
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise PeerUnreachableError(f"no answer ({type(error).__name__}: {error})") from error


async def _body(response: httpx.Response, max_bytes: int) -> bytes:
    body = bytearray()
    async for chunk in response.aiter_bytes():
        body += chunk
        if len(body) > max_bytes:
            raise PeerAnswerError(f"page must be at most {max_bytes} bytes, got more")
    return bytes(body)
