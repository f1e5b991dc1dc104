"""A way to Postgres that can be cut: in the middle of a statement, of an answer, and before or after a COMMIT."""

import asyncio
import socket
import struct
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Literal

Kind = Literal[
    "commit unsent",  # the server's COMMIT does not arrive
    "commit unanswered",  # it arrives, and its answer does not
    "question cut",  # what the server asks ends after so many bytes
    "answer cut",  # and so does what it is told
    "stall",  # nothing passes for so long, then all of it
    "half open",  # Postgres has lost the connection, and the server hears nothing of it for so long
    "slow",  # everything takes a while from now on
]
Way = Literal["up", "down"]
COMMIT = b"COMMIT;\0"  # as asyncpg sends it, alone and as a simple query
_ONLY_WAY: dict[str, Way] = {"question cut": "up", "half open": "up", "answer cut": "down"}


@dataclass(frozen=True, slots=True)
class Fault:
    """`reset`: the other side is told so, instead of an orderly end."""

    kind: Kind
    bytes: int = 0
    seconds: float = 0
    reset: bool = False


@dataclass
class _Link:
    """One connection, and its continuation to Postgres."""

    near: asyncio.StreamWriter
    far: asyncio.StreamWriter
    swallows: Fault | None = None
    half_open: bool = False
    delay: float = 0

    def end(self, *, reset: bool) -> None:
        for writer in (self.near, self.far):
            if reset and not writer.transport.is_closing():
                linger = struct.pack("ii", 1, 0)  # closing sends a reset then
                writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
            writer.transport.abort()


@dataclass
class Proxy:
    """Each armed fault befalls the first connection where it can, once; `done` counts them."""

    target: int
    port: int = 0
    armed: list[Fault] = field(default_factory=list)
    done: "Counter[str]" = field(default_factory=Counter)
    tasks: "set[asyncio.Task[None]]" = field(default_factory=set)

    def take(self, way: Way, data: bytes) -> Fault | None:
        for fault in self.armed:
            fits = data.endswith(COMMIT) or not fault.kind.startswith("commit")
            if fits and _ONLY_WAY.get(fault.kind, way) == way:
                self.armed.remove(fault)
                return fault
        return None

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            from_far, far = await asyncio.open_connection("127.0.0.1", self.target)
        except OSError:
            writer.transport.abort()
            return
        link = _Link(writer, far)
        pumps = self._pump(link, reader, far, "up"), self._pump(link, from_far, writer, "down")
        ways = [asyncio.create_task(pump) for pump in pumps]
        self.tasks |= set(ways)
        await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
        if link.half_open:
            await asyncio.wait(ways)
        link.end(reset=False)

    async def _pump(self, link: _Link, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, way: Way) -> None:
        with suppress(ConnectionError):
            while data := await reader.read(65_536):
                await self._befall(link, writer, data, way)
                writer.write(data)
                await writer.drain()

    async def _befall(self, link: _Link, writer: asyncio.StreamWriter, data: bytes, way: Way) -> None:
        """Whatever happens to this piece on its way; returns where it may pass."""
        if link.swallows and way == "down":
            self._end(link, link.swallows)
        if (fault := self.take(way, data)) is None:
            await asyncio.sleep(link.delay)
        elif fault.kind == "commit unanswered":
            link.swallows = fault
        elif fault.kind in {"stall", "slow"}:
            self.done[fault.kind] += 1
            link.delay = 0.01 if fault.kind == "slow" else link.delay
            await asyncio.sleep(fault.seconds)
        elif fault.kind == "half open":
            link.half_open = True
            link.far.transport.abort()
            await asyncio.sleep(fault.seconds)
            self._end(link, fault)
        else:
            writer.write(data[: 0 if fault.kind == "commit unsent" else min(fault.bytes, len(data) - 1)])
            await writer.drain()
            self._end(link, fault)

    def _end(self, link: _Link, fault: Fault) -> None:
        self.done[fault.kind] += 1
        link.end(reset=fault.reset)
        raise ConnectionAbortedError


@asynccontextmanager
async def proxied(target: int) -> AsyncIterator[Proxy]:
    """Listening on a port of its own, with nothing armed."""
    proxy = Proxy(target)
    server = await asyncio.start_server(proxy.serve, "127.0.0.1", 0)
    proxy.port = server.sockets[0].getsockname()[1]
    try:
        yield proxy
    finally:
        server.close()
        for task in proxy.tasks:
            task.cancel()
        await asyncio.gather(*proxy.tasks, return_exceptions=True)
