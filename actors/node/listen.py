"""The address a node listens on: read, bound, and kept over a restart of whoever serves it."""

import errno
import socket

_WHY = {
    errno.EADDRINUSE: "the port is in use; stop what holds it or choose another (0 takes any free one)",
    errno.EADDRNOTAVAIL: "no interface of this machine has that address; use '0.0.0.0' for all of them",
    errno.EACCES: "not permitted; choose a port of 1024 or above",
}
_RIGHT = "must be 'host:port' with a port from 0 to 65535"


class ListenError(OSError):
    """The node cannot listen where it was told to.

    Attributes:
        address: As it stands in the settings.
    """

    def __init__(self, address: str, why: str) -> None:
        self.address = address
        super().__init__(f"node.listen: cannot listen on {address!r}: {why}")


class ListenAddress:
    """Where to listen. A port of 0 becomes the port that was given at the first `bind`, and stays it.

    Made by the application and handed to every incarnation of the server, so that clients find it again.

    Attributes:
        text: As it stands in the settings, `"127.0.0.1:8080"`, `"[::1]:8080"`.
        host: Without brackets; empty means every interface.
        port: 0 until bound, if the settings say 0.

    Raises:
        ListenError: `text` is no address.
    """

    __slots__ = ("_drawn_from", "host", "port", "text")

    def __init__(self, text: str) -> None:
        host, colon, port = text.rpartition(":")
        if not colon or not port.isascii() or not port.isdigit() or int(port) > 65535:
            raise ListenError(text, _RIGHT)
        if (":" in host) != (host.startswith("[") and host.endswith("]")):
            raise ListenError(text, f"{_RIGHT}; an IPv6 address stands in brackets, '[::1]:8080'")
        self.text, self.host, self.port = text, host.removeprefix("[").removesuffix("]"), int(port)
        self._drawn_from = self.port

    @property
    def url(self) -> str:
        """Where a client on this machine finds it; the port is 0 before the first `bind`."""
        host = {"": "127.0.0.1", "0.0.0.0": "127.0.0.1", "::": "::1"}.get(self.host, self.host)  # noqa: S104  replaced
        return f"http://[{host}]:{self.port}" if ":" in host else f"http://{host}:{self.port}"

    def forget(self) -> None:
        """Draw a port anew at the next `bind`, where the settings say 0: another process has the last one."""
        self.port = self._drawn_from

    def bind(self) -> socket.socket:
        """Open the socket, listening already, so that a second listener is refused here.

        Raises:
            ListenError: The address is taken, not ours, not permitted or not known.
        """
        try:
            # A name is looked up here, blocking: once, at the start, and usually "localhost".
            family, kind, protocol, _, place = socket.getaddrinfo(
                self.host or None, self.port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
            )[0]
            listener = socket.socket(family, kind, protocol)
        except OSError as error:
            raise ListenError(self.text, f"{self.host!r} is no address: {error.strerror}") from error
        try:
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listener.bind(place)
            listener.listen(512)
        except OSError as error:
            listener.close()
            raise ListenError(self.text, _WHY.get(error.errno or 0, str(error.strerror))) from error
        listener.setblocking(False)
        self.port = listener.getsockname()[1]
        return listener
