"""A server on the loopback that answers as a script says, well or badly."""

import asyncio
import socket
import struct
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

import msgspec

from supervisor.clock import monotonic

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable

    Step: TypeAlias = Callable[[asyncio.StreamWriter], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Received:
    at: float
    method: str
    target: str
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> dict[str, Any]:
        return msgspec.json.decode(self.body, type=dict[str, Any])


def answer(status: int, body: bytes = b"", **headers: str) -> "Step":
    """Answer properly and close."""
    lines = [f"HTTP/1.1 {status} Told", f"Content-Length: {len(body)}", "Connection: close"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]

    async def step(writer: asyncio.StreamWriter) -> None:
        writer.write("\r\n".join(lines).encode() + b"\r\n\r\n" + body)
        await writer.drain()

    return step


async def answer_and_stay(writer: asyncio.StreamWriter) -> None:
    """Answer 200 and keep the connection open."""
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
    await asyncio.Event().wait()


async def hang(_: asyncio.StreamWriter) -> None:
    """Take the request and say nothing for ever."""
    await asyncio.Event().wait()


async def reset(writer: asyncio.StreamWriter) -> None:
    """Take the request and tear the connection down."""
    raw: socket.socket = writer.get_extra_info("socket")
    raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()


async def drip_headers(writer: asyncio.StreamWriter) -> None:
    """One byte of a header now and then, for ever."""
    writer.write(b"HTTP/1.1 200 OK\r\nX-Slow: ")
    await _drip(writer)


async def _drip(writer: asyncio.StreamWriter) -> None:
    while True:
        writer.write(b"x")
        await writer.drain()
        await asyncio.sleep(0.01)


def drip_body(status: int, start: bytes = b"") -> "Step":
    """Answer at once, then one byte of the body now and then, for ever."""

    async def step(writer: asyncio.StreamWriter) -> None:
        writer.write(f"HTTP/1.1 {status} Told\r\n\r\n".encode() + start)
        await _drip(writer)

    return step


def cut_short(status: int, body: bytes = b"") -> "Step":
    """Promise more of a body than comes."""

    async def step(writer: asyncio.StreamWriter) -> None:
        writer.write(f"HTTP/1.1 {status} Told\r\nContent-Length: {len(body) + 10}\r\n\r\n".encode() + body)
        await writer.drain()

    return step


class ScriptedServer:
    """Takes one step of its script a request, and the last one again and again.

    Attributes:
        received: Every request that came whole.
        sent: Bytes that the endless answer of `flood` got rid of.
    """

    def __init__(self, *script: "Step") -> None:
        self._script = list(script)
        self.received: list[Received] = []
        self.sent = 0
        self.port = 0
        self._arrived = asyncio.Condition()

    def url(self, path: str = "/") -> str:
        return f"http://127.0.0.1:{self.port}{path}"

    async def flood(self, writer: asyncio.StreamWriter) -> None:
        """A body without end, as fast as it is taken."""
        writer.write(b"HTTP/1.1 200 OK\r\n\r\n")
        while True:
            writer.write(b"x" * 16_384)
            await writer.drain()
            self.sent += 16_384

    async def until_received(self, count: int, seconds: float = 5.0) -> list[Received]:
        """Wait for so many requests."""
        async with asyncio.timeout(seconds), self._arrived:
            await self._arrived.wait_for(lambda: len(self.received) >= count)
        return self.received

    @asynccontextmanager
    async def running(self) -> "AsyncIterator[ScriptedServer]":
        """Serve for the length of a block; connections that still hang are cut."""
        connections: set[asyncio.Task[None]] = set()

        async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            task = asyncio.create_task(self._serve(reader, writer))
            connections.add(task)
            task.add_done_callback(connections.discard)

        server = await asyncio.start_server(connected, "127.0.0.1", self.port)
        self.port = server.sockets[0].getsockname()[1]
        try:
            yield self
        finally:
            server.close()
            for task in connections:
                task.cancel()
            await asyncio.gather(*connections, return_exceptions=True)
            await server.wait_closed()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await self._note(reader)
            step = self._script.pop(0) if len(self._script) > 1 else self._script[0]
            await step(writer)
        except (ConnectionError, asyncio.IncompleteReadError):
            return  # the client has gone, as it may
        finally:
            writer.close()

    async def _note(self, reader: asyncio.StreamReader) -> None:
        first, *lines = (await reader.readuntil(b"\r\n\r\n")).decode().strip().split("\r\n")
        method, target, _ = first.split(" ")
        headers = {name.lower(): value for name, value in (line.split(": ", 1) for line in lines)}
        body = await reader.readexactly(int(headers.get("content-length", "0")))
        async with self._arrived:
            self.received.append(Received(monotonic(), method, target, headers, body))
            self._arrived.notify_all()
