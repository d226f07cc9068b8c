"""What keeps the address of a hook, which is its key, out of logs and errors."""

import logging
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING, Final
from urllib.parse import unquote, urlsplit

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

MASK: Final = "***"

_LOGGERS = ("httpx", *(f"httpcore.{part}" for part in ("connection", "http11", "http2", "proxy", "socks")))
_SHORTEST = 6  # a shorter piece is no key, and would mask half of any text

_in_confidence: ContextVar[bool] = ContextVar("in_confidence", default=False)


def _may_be_told(_: logging.LogRecord) -> bool:
    return not _in_confidence.get()


@contextmanager
def http_logs_silenced() -> "Iterator[None]":
    """Keep the HTTP libraries from logging the requests made within the block, and only those.

    httpx logs every address at INFO, httpcore every answer's headers at DEBUG, a `Location` that repeats the
    address among them. A program that has us embedded keeps the log of its own requests.
    """
    for name in _LOGGERS:
        logging.getLogger(name).addFilter(_may_be_told)  # added once, however often it is asked for
    token = _in_confidence.set(True)
    try:
        yield
    finally:
        _in_confidence.reset(token)


def pieces_of(secret: str) -> tuple[str, ...]:
    """What must not be repeated of a secret, longest first: itself and, of an address, each of its parts."""
    try:
        parts = urlsplit(secret)
        userinfo = parts.netloc.rpartition("@")[0]
    except ValueError:
        return (secret,)
    found = {secret}
    if parts.scheme and parts.netloc:
        words = [*parts.path.split("/"), *parts.query.replace("=", "&").split("&"), *userinfo.split(":")]
        found |= {piece for word in words for piece in (word, unquote(word))}
    return tuple(sorted((piece for piece in found if len(piece) >= _SHORTEST), key=len, reverse=True))


def mask(body: bytes, secrets: "Iterable[str]") -> bytes:
    """An answer's body with whatever it repeats of the secrets masked."""
    for secret in secrets:
        for piece in pieces_of(secret):
            body = body.replace(piece.encode(), MASK.encode())
    return body
