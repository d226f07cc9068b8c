"""What goes wrong with the served model, really."""

import asyncio
import zlib
from dataclasses import dataclass

import msgspec


class UnreadableImageError(ValueError):
    """The model cannot make anything of an image."""

    def __init__(self, ink: float) -> None:
        super().__init__(f"image with {ink:g} units of ink: the features of it could not be computed")


class Fault(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A fault of the model; the one that is all zeros is none.

    Attributes:
        slow_seconds: For how long each prediction waits for its features, >= 0.
        fail_share: Share of the possible inputs that cannot be predicted, 0..1; always the same inputs.
    """

    slow_seconds: float = 0.0
    fail_share: float = 0.0

    def __post_init__(self) -> None:
        if not 0.0 <= self.slow_seconds <= 10.0:
            raise ValueError(f"slow_seconds must lie between 0 and 10, got {self.slow_seconds!r}")
        if not 0.0 <= self.fail_share <= 1.0:
            raise ValueError(f"fail_share must lie between 0 and 1, got {self.fail_share!r}")

    def raises_on(self, pixels: bytes) -> bool:
        """Whether an input is one of those; a larger share has all of a smaller one's."""
        return zlib.crc32(pixels) < self.fail_share * 2**32


HEALTHY = Fault()


@dataclass(slots=True)
class FeatureStore:
    """Where the model gets its features from; its fault is the model's fault.

    Attributes:
        fault: Of the moment.
    """

    fault: Fault = HEALTHY

    async def fetch(self, pixels: bytes, ink: float) -> None:
        """Wait as long as the fault has it.

        Args:
            pixels: The image, for the decision whether it can be read.
            ink: The sum of it, for the message.

        Raises:
            UnreadableImageError: The image is one of those that the fault breaks.
        """
        fault = self.fault
        if fault.raises_on(pixels):
            raise UnreadableImageError(ink)
        if fault.slow_seconds:
            await asyncio.sleep(fault.slow_seconds)
