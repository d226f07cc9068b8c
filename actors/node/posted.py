"""Bodies that people and pipelines post to the API: JSON, of a known shape, not too large."""

from typing import TYPE_CHECKING, Final, TypeVar

import msgspec
from starlette.responses import Response

if TYPE_CHECKING:
    from starlette.requests import Request

T = TypeVar("T")

MOST_BYTES: Final = 16_384


class RefusedError(ValueError):
    """A body cannot be used, and why.

    Attributes:
        status: To answer with.
    """

    def __init__(self, why: str, status: int = 400) -> None:
        super().__init__(why)
        self.status = status


async def read_json(request: "Request") -> bytes:
    """The body of a request that says that it is JSON.

    Raises:
        RefusedError: It says something else, or is too large.
    """
    # What a page in somebody's browser may send unasked is of another type.
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != "application/json":
        raise RefusedError("content-type must be application/json", 415)
    body = bytearray()
    async for part in request.stream():
        body += part
        if len(body) > MOST_BYTES:
            raise RefusedError(f"body must have at most {MOST_BYTES} bytes", 413)
    return bytes(body)


def decoded(body: bytes, shape: type[T], example: str) -> T:
    """What a body says.

    Raises:
        RefusedError: It is not of that shape; `example` is.
    """
    try:
        return msgspec.json.decode(body, type=shape)
    except msgspec.MsgspecError as error:
        raise RefusedError(f"body must be JSON such as {example}: {error}") from None


def refused(error: ValueError, status: int = 400) -> Response:
    """The answer to what cannot be used."""
    return json_response({"error": str(error)}, error.status if isinstance(error, RefusedError) else status)


def json_response(content: object, status: int = 200) -> Response:
    """An answer that nobody keeps."""
    headers = {"Cache-Control": "no-store"}
    return Response(msgspec.json.encode(content), status, headers, media_type="application/json")
