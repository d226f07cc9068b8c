"""From the bytes of a request to its message, in either encoding."""

from enum import StrEnum
from typing import cast

import msgspec

from actors.node.otlp.messages import ExportMetricsServiceRequest


class Encoding(StrEnum):
    """How a message is written; the value is its media type."""

    PROTOBUF = "application/x-protobuf"
    JSON = "application/json"


class UndecodableError(ValueError):
    """The body is not an `ExportMetricsServiceRequest`."""


class ProtobufMissingError(ImportError):
    """The classes for OTLP's protobuf form are not installed."""


def decode(body: bytes, encoding: Encoding) -> ExportMetricsServiceRequest:
    """Decode one request.

    Returns:
        The message; from protobuf it is of protobuf's own class, which has the same names.

    Raises:
        UndecodableError: It is none; nothing of it was taken.
        ProtobufMissingError: It is protobuf, and the extra `otlp` is not installed.
    """
    return _from_json(body) if encoding is Encoding.JSON else _from_protobuf(body)


def _from_json(body: bytes) -> ExportMetricsServiceRequest:
    try:
        # Not strict: 64-bit integers come as strings or as numbers.
        return msgspec.json.decode(body, type=ExportMetricsServiceRequest, strict=False)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise UndecodableError(f"body must be an ExportMetricsServiceRequest in JSON: {error}") from error


def _from_protobuf(body: bytes) -> ExportMetricsServiceRequest:
    try:  # heavy, and only for who is pushed to
        from google.protobuf.message import DecodeError  # noqa: PLC0415
        from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import (  # noqa: PLC0415
            ExportMetricsServiceRequest as Message,
        )
    except ImportError as error:
        raise ProtobufMissingError(
            "protobuf needs the extra 'otlp' on this node: pip install 'slokeeper[otlp]'; JSON works without"
        ) from error
    try:
        message = Message.FromString(body)
    except DecodeError as error:
        raise UndecodableError("body must be an ExportMetricsServiceRequest in protobuf") from error
    return cast("ExportMetricsServiceRequest", message)
