"""Frames as bytes: what may cross into another process, and how.

Everything is pickled, so both sides must be of one mind: this is no boundary of trust. References cross as
names, errors with their traceback as text. What cannot be pickled, or not be read, costs only itself.
"""

import asyncio
import io
import pickle
import struct
import traceback
from contextlib import suppress
from functools import partial
from types import FunctionType
from typing import TYPE_CHECKING, Final, cast

from supervisor.errors import CannotCrossError, FarError
from supervisor.isolation.main_module import load_main_module

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from supervisor.isolation.far import References
    from supervisor.isolation.frames import Frame

_MARK: Final = b"\xf5far"
_HEAD: Final = struct.Struct("!4sQ")
"""Before each frame: the mark, and its length."""
_DEFAULTS: Final = (BaseException.__reduce__, OSError.__reduce__)


class FarTraceback(Exception):  # noqa: N818  what is raised is its effect
    """The cause of an error that has crossed: where it was raised there, as text."""

    def __str__(self) -> str:
        return f"\n{self.args[0]}"


class GarbledError(Exception):
    """What has come is no frame."""


class Wire:
    """Turns frames into bytes and back, for one side.

    Args:
        references: How this side names references.
    """

    def __init__(self, references: "References") -> None:
        self._references = references

    def pack(self, frame: "Frame") -> bytes:
        """One frame as bytes.

        Raises:
            CannotCrossError: Its cargo cannot be pickled.
        """
        fields = {name: getattr(frame, name) for name in frame.__dataclass_fields__ if name != "cargo"}
        cargo = getattr(frame, "cargo", None)
        into = io.BytesIO()
        try:
            _Pickler(into, self._references).dump(cargo)
        except Exception as error:
            raise CannotCrossError(type(cargo).__name__, str(error)) from error
        return pickle.dumps((type(frame), fields, into.getvalue()), protocol=pickle.HIGHEST_PROTOCOL)

    def unpack(self, body: bytes) -> "tuple[Frame, CannotCrossError | None]":
        """One frame, and why its cargo could not be read, if so; it has none then.

        Raises:
            GarbledError: It is none.
        """
        try:
            kind, fields, packed = pickle.loads(body)  # noqa: S301  of our own other half
        except Exception as error:
            raise GarbledError from error
        spoiled = None
        if "cargo" in kind.__dataclass_fields__:
            fields["cargo"] = None
            try:
                fields["cargo"] = _Unpickler(io.BytesIO(packed), self._references).load()
            except Exception as error:  # noqa: BLE001  whatever it is: it is the sender's affair
                spoiled = CannotCrossError(kind.__name__, f"{type(error).__name__}: {error}")
        return cast("Frame", kind(**fields)), spoiled


class _Pickler(pickle.Pickler):
    def __init__(
        self, into: io.BytesIO, references: "References", as_it_is: BaseException | None = None
    ) -> None:
        super().__init__(into, protocol=pickle.HIGHEST_PROTOCOL)
        self._references, self._as_it_is = references, as_it_is

    def persistent_id(self, obj: object) -> object:
        return self._references.token(obj)

    def reducer_override(self, obj: object) -> "Any":  # noqa: ANN401  as pickle's
        if not isinstance(obj, BaseException):
            return NotImplemented
        if obj is self._as_it_is:
            return _reduced(obj)
        text = "".join(traceback.format_exception(obj))
        return _revived, (self._packed(obj), type(obj).__qualname__, str(obj), text)

    def _packed(self, error: BaseException) -> bytes | None:
        into = io.BytesIO()
        try:
            _Pickler(into, self._references, as_it_is=error).dump(error)
        except Exception:  # noqa: BLE001  then its name and its text must do
            return None
        return into.getvalue()


class _Unpickler(pickle.Unpickler):
    def __init__(self, source: io.BytesIO, references: "References") -> None:
        super().__init__(source)
        self._references = references

    def persistent_load(self, pid: "Any") -> object:  # noqa: ANN401  as pickle's
        return self._references.resolve(pid)

    def find_class(self, module: str, name: str) -> object:
        if module == "__main__":
            load_main_module()
        if (module, name) == (__name__, _revived.__name__):
            return partial(_revived, references=self._references)
        return super().find_class(module, name)


def _reduced(error: BaseException) -> "Any":  # noqa: ANN401  as pickle's
    """How to pickle an error whose class may want other arguments than those that it keeps."""
    kind = type(error)
    is_pythons = isinstance(kind.__init__, FunctionType) and kind.__reduce__ in _DEFAULTS
    return (_made, (kind, error.args, error.__dict__)) if is_pythons else NotImplemented


def _made(kind: type[BaseException], args: tuple[object, ...], state: dict[str, object]) -> BaseException:
    error = kind.__new__(kind, *args)
    error.args = args
    error.__dict__.update(state)
    return error


def _revived(
    packed: bytes | None, name: str, message: str, trace: str, *, references: "References | None" = None
) -> BaseException:
    """The error that has crossed, or what stands for one that cannot be made here."""
    error: object = None
    if packed is not None and references is not None:
        with suppress(Exception):  # its class is not known here, or refuses
            error = _Unpickler(io.BytesIO(packed), references).load()
    revived = error if isinstance(error, BaseException) else FarError(name, message)
    revived.__cause__ = FarTraceback(trace)
    return revived


class Channel(asyncio.Protocol):
    """A stream of frames: a mark and the length of each, then its bytes.

    Args:
        take: Called with the bytes of each frame.
        lost: Called once the other end has closed, or has sent what is no frame; then with the error.
        heard: Called whenever something comes, be it a part of a frame only.
    """

    def __init__(
        self,
        take: "Callable[[bytes], None]",
        lost: "Callable[[GarbledError | None], None]",
        heard: "Callable[[], None] | None" = None,
    ) -> None:
        self._take, self._lost, self._heard = take, lost, heard
        self._received = bytearray()
        self._garbled: GarbledError | None = None
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """See asyncio."""
        self._transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        """See asyncio."""
        if self._heard is not None:
            self._heard()
        self._received += data
        try:
            while (body := self._next_frame()) is not None:
                self._take(body)
        except GarbledError as error:
            self._garbled = error
            if self._transport is not None:
                self._transport.abort()

    def _next_frame(self) -> bytes | None:
        received = self._received
        if len(received) < _HEAD.size:
            return None
        mark, length = _HEAD.unpack_from(received)
        if mark != _MARK:
            raise GarbledError
        end = _HEAD.size + length
        if len(received) < end:
            return None
        body = bytes(received[_HEAD.size : end])
        del received[:end]
        return body

    def connection_lost(self, exc: Exception | None) -> None:
        """See asyncio."""
        del exc
        self._transport = None
        self._lost(self._garbled)

    def send(self, body: bytes) -> None:
        """Send one frame; does nothing if the other end has closed."""
        if self._transport is not None and not self._transport.is_closing():
            self._transport.write(_HEAD.pack(_MARK, len(body)) + body)

    def close(self) -> None:
        """Close this end, once everything is sent."""
        if self._transport is not None:
            self._transport.close()
