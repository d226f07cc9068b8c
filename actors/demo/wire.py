"""What goes over the wire between the demo and its model servers."""

import msgspec

from actors.demo.digits import MAX_INK, PIXELS


class Image(msgspec.Struct, forbid_unknown_fields=True):
    """A question to a model: 64 pixels, row by row, with 0 to 16 units of ink each."""

    pixels: list[float]

    def __post_init__(self) -> None:
        if len(self.pixels) != PIXELS:
            raise ValueError(f"pixels must be {PIXELS} numbers, got {len(self.pixels)}")
        if not all(0.0 <= ink <= MAX_INK for ink in self.pixels):
            raise ValueError(f"pixels must lie between 0 and {MAX_INK:g}")


class Ready(msgspec.Struct, frozen=True):
    """A model server's first and only line: where to ask the model, and where its metrics are."""

    url: str
    metrics_url: str


class KillActor(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Kill an actor of the embedded monitor."""

    path: str


class ActorBack(msgspec.Struct, frozen=True):
    """What became of it: seconds until it ran again, None if it does not."""

    path: str
    back_after: float | None
