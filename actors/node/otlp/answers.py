"""Answers to a push, in the encoding that it came in."""

from collections import Counter
from typing import TYPE_CHECKING

import msgspec
import numpy as np
from starlette.responses import Response

from actors.node.otlp.decoding import Encoding
from actors.recording.varints import pack

if TYPE_CHECKING:
    from collections.abc import Mapping

_MOST_REASONS = 5


def taken(encoding: Encoding, refused: Counter[str]) -> Response:
    """`ExportMetricsServiceResponse`; if points were refused, its `partial_success` says how many and why."""
    count, message = refused.total(), _reasons(refused)
    if encoding is Encoding.JSON:
        partial = {"partialSuccess": {"rejectedDataPoints": str(count), "errorMessage": message}}
        return _response(encoding, 200, msgspec.json.encode(partial if count else {}))
    partial_success = _integer(1, count) + _text(2, message)
    return _response(encoding, 200, _bytes(1, partial_success) if count else b"")


def refusal(
    encoding: Encoding, status: int, message: str, headers: "Mapping[str, str] | None" = None
) -> Response:
    """`google.rpc.Status` with the code that gRPC has for it, for what was not taken at all."""
    code = {400: 3, 408: 4, 413: 8, 415: 12}[status]
    if encoding is Encoding.JSON:
        return _response(encoding, status, msgspec.json.encode({"code": code, "message": message}), headers)
    return _response(encoding, status, _integer(1, code) + _text(2, message), headers)


def _reasons(refused: Counter[str]) -> str:
    shown = [f"{reason} ({count} points)" for reason, count in refused.most_common(_MOST_REASONS)]
    more = len(refused) - len(shown)
    return "; ".join([*shown, f"and {more} other reasons"] if more else shown)


def _response(
    encoding: Encoding, status: int, body: bytes, headers: "Mapping[str, str] | None" = None
) -> Response:
    return Response(
        body, status, headers={**(headers or {}), "Cache-Control": "no-store"}, media_type=encoding
    )


# Two messages of three plain fields need none of protobuf's classes.


def _integer(field: int, value: int) -> bytes:
    return _varint(field << 3) + _varint(value)


def _bytes(field: int, value: bytes) -> bytes:
    return _varint(field << 3 | 2) + _varint(len(value)) + value


def _text(field: int, value: str) -> bytes:
    return _bytes(field, value.encode(errors="replace"))


def _varint(value: int) -> bytes:
    return pack(np.array([value])).tobytes()
