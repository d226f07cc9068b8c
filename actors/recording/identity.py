"""Who counts: what every push says of its sender."""

import os
import platform
import uuid
from typing import TYPE_CHECKING

from actors.version import __version__

if TYPE_CHECKING:
    from collections.abc import Mapping


class Identity:
    """The attributes of our resource; a forked process is somebody else, and draws an id of its own.

    Made by the application, so that a restarted actor goes on under the same id.

    Args:
        service_name: All that say the same are one service, and their counts are summed.
        attributes: Further ones, from the configuration.

    Source:
        OpenTelemetry's semantic conventions for resources: `service.instance.id` is unique for each instance.
    """

    __slots__ = ("_attributes", "_instance", "_process")

    def __init__(self, service_name: str, attributes: "Mapping[str, str]") -> None:
        self._attributes = {
            **attributes,
            "service.name": service_name,
            "telemetry.sdk.language": "python",
            "telemetry.sdk.name": "slokeeper",
            "telemetry.sdk.version": __version__,
            "process.runtime.version": platform.python_version(),
        }
        self._process, self._instance = os.getpid(), str(uuid.uuid4())

    def attributes(self) -> dict[str, str]:
        """Those of this process, by name."""
        process = os.getpid()
        if process != self._process:
            self._process, self._instance = process, str(uuid.uuid4())
        return {**self._attributes, "service.instance.id": self._instance}
