"""Headers of a request, as they stand in one secret."""

import re
from typing import Final
from urllib.parse import unquote

from actors.config.secrets import SecretKind

_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+", re.ASCII)


def headers_in(text: str) -> dict[str, str]:
    """Headers by name in lower case.

    Args:
        text: `authorization=Bearer%20abc,x-team=ml`: pairs parted by commas or lines, values
            percent-encoded where they must be.

    Raises:
        ValueError: It is something else; the message does not repeat it.

    Source:
        `OTEL_EXPORTER_OTLP_HEADERS` in OpenTelemetry's "OTLP Exporter Configuration". Differs: lines part
        the pairs too.
    """
    headers = {}
    for pair in text.replace("\n", ",").split(","):
        if not pair.strip():
            continue
        name, equals, value = (part.strip() for part in pair.partition("="))
        value = unquote(value)
        if not equals or not _NAME.fullmatch(name) or not (value.isascii() and value.isprintable()):
            raise ValueError("headers must be pairs such as 'x-team=ml', parted by commas")
        headers[name.lower()] = value
    return headers


def _are_headers(text: str) -> bool:
    try:
        return bool(headers_in(text))
    except ValueError:
        return False


HEADERS: Final = SecretKind("headers such as 'authorization=Bearer%20...'", _are_headers)
