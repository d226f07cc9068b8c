"""Questions to a running node."""

from http import HTTPStatus
from typing import TYPE_CHECKING, Self, TypeVar

import httpx
import msgspec

from actors.cli.refusals import FailedError
from actors.config.peer import place_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import TracebackType

T = TypeVar("T")

_TIMEOUT = 5.0
_NOTHING_THERE = "no node answers at {place} ({why}); is it running? slokeeper run starts one"


class Node:
    """A node that is asked over HTTP; a context manager.

    Args:
        url: Without a path.
        transport: For tests.
    """

    def __init__(self, url: str, transport: httpx.BaseTransport | None = None) -> None:
        self._place = place_of(url)
        self._client = httpx.Client(base_url=url, timeout=_TIMEOUT, trust_env=False, transport=transport)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: "TracebackType | None"
    ) -> None:
        self._client.close()

    def is_ready(self) -> bool:
        """Whether it takes requests.

        Raises:
            FailedError: It does not answer.
        """
        return self._get("/health/ready").status_code == HTTPStatus.OK

    def ask(self, path: str, shape: type[T]) -> T:
        """The JSON at a path.

        Raises:
            FailedError: There is no answer, or not the one of a node.
        """
        response = self._get(path)
        if response.status_code != HTTPStatus.OK:
            raise FailedError(f"{self._place} answers {response.status_code} to {path}; its log may say why")
        try:
            return msgspec.json.decode(response.content, type=shape)
        except msgspec.DecodeError as error:
            raise FailedError(
                f"{self._place} is no node of ours: {path} is not as expected ({error})"
            ) from None

    def _get(self, path: str) -> httpx.Response:
        try:
            return self._client.get(path)
        except httpx.TimeoutException:
            raise FailedError(_NOTHING_THERE.format(place=self._place, why="no answer in 5 s")) from None
        except (httpx.HTTPError, httpx.InvalidURL, UnicodeError) as error:
            why = " / ".join(_reasons(error)) or type(error).__name__
            raise FailedError(_NOTHING_THERE.format(place=self._place, why=why)) from None


def _reasons(error: BaseException) -> "Iterator[str]":
    """What the operating system said; httpx's own words may repeat the address."""
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, OSError) and cause.strerror:
            yield cause.strerror
            return
        cause = cause.__cause__ or cause.__context__
