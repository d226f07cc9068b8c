"""Questions to a running node."""

from http import HTTPStatus
from typing import TYPE_CHECKING, Self, TypeVar

import httpx
import msgspec

from actors.cli.refusals import BadUseError, FailedError
from actors.config.peer import place_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
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
        return self._read(self._get(path), path, shape)

    def tell(self, path: str, content: object, shape: type[T]) -> T:
        """Post JSON to a path.

        Returns:
            The JSON that it answers.

        Raises:
            BadUseError: The node refuses it, and says why.
            FailedError: There is no answer, or not the one of a node.
        """
        headers = {"Content-Type": "application/json"}
        response = self._send("POST", path, content=msgspec.json.encode(content), headers=headers)
        if response.status_code == HTTPStatus.BAD_REQUEST:
            raise BadUseError(self._read(response, path, dict[str, str]).get("error", "refused"))
        return self._read(response, path, shape)

    def end(self, path: str, shape: type[T]) -> T | None:
        """Have what is at a path end; None if nothing is there.

        Raises:
            FailedError: There is no answer, or not the one of a node.
        """
        response = self._send("DELETE", path)
        return None if response.status_code == HTTPStatus.NOT_FOUND else self._read(response, path, shape)

    def _read(self, response: httpx.Response, path: str, shape: type[T]) -> T:
        if response.status_code not in {HTTPStatus.OK, HTTPStatus.CREATED, HTTPStatus.BAD_REQUEST}:
            raise FailedError(f"{self._place} answers {response.status_code} to {path}; its log may say why")
        try:
            return msgspec.json.decode(response.content, type=shape)
        except msgspec.DecodeError as error:
            raise FailedError(
                f"{self._place} is no node of ours: {path} is not as expected ({error})"
            ) from None

    def _get(self, path: str) -> httpx.Response:
        return self._send("GET", path)

    def _send(
        self, method: str, path: str, content: bytes | None = None, headers: "Mapping[str, str] | None" = None
    ) -> httpx.Response:
        try:
            return self._client.request(method, path, content=content, headers=headers)
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
