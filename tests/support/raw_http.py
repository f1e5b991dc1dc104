"""HTTP without a client that tidies it up: exactly these bytes, to the application or through a socket."""

import asyncio
import json
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote

from fastapi import FastAPI

from chatsvc.server.serving import Server, config
from chatsvc.settings import Settings

Pairs = Iterable[tuple[str, str]]


@dataclass(frozen=True)
class RawAnswer:
    status: int
    headers: list[tuple[str, str]]
    body: bytes

    def json(self) -> Any:
        return json.loads(self.body)

    def header(self, name: str) -> str | None:
        found = [value for known, value in self.headers if known.lower() == name.lower()]
        return found[0] if found else None


def _encoded(headers: Pairs) -> list[tuple[bytes, bytes]]:
    """Text stands for its UTF-8; what arrives is bytes, which the server reads as Latin-1."""
    return [(name.lower().encode(), value.encode()) for name, value in headers]


async def ask(app: FastAPI, method: str, target: str, headers: Pairs = (), body: bytes = b"") -> RawAnswer:
    """One request to the application, as uvicorn would present it."""
    path, _, query = target.partition("?")
    scope = {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.3"},
        "http_version": "1.1",
        "method": method,
        "scheme": "http",
        "path": unquote(path),
        "raw_path": path.encode(),
        "query_string": query.encode(),
        "root_path": "",
        "headers": [*_encoded(headers), (b"content-length", str(len(body)).encode())],
        "client": ("127.0.0.1", 50_000),
        "server": ("127.0.0.1", 8_000),
        "state": {},
    }
    sent: list[Any] = []
    waiting = [{"type": "http.request", "body": body, "more_body": False}, {"type": "http.disconnect"}]

    async def receive() -> Any:
        return waiting.pop(0)

    async def send(message: Any) -> None:
        sent.append(message)

    await app(scope, receive, send)
    start, *rest = sent
    found = [(name.decode("latin-1"), value.decode("latin-1")) for name, value in start["headers"]]
    return RawAnswer(start["status"], found, b"".join(message.get("body", b"") for message in rest))


@asynccontextmanager
async def listening(app: FastAPI, settings: Settings) -> AsyncIterator[int]:
    """The application on a real socket, with the server's own configuration; gives the port."""
    server = Server(config(settings.model_copy(update={"port": 0, "shutdown_seconds": 1}), app))
    serving = asyncio.create_task(server.serve())
    while not server.started:  # noqa: ASYNC110 - uvicorn has no event for it
        await asyncio.sleep(0.005)
    try:
        yield server.servers[0].sockets[0].getsockname()[1]
    finally:
        server.should_exit = True
        await serving


@dataclass
class Wire:
    """One connection, on which anything may be written."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter

    async def send(self, data: bytes) -> None:
        self.writer.write(data)
        await self.writer.drain()

    async def request(self, method: str, target: str, headers: Pairs = (), body: bytes = b"") -> None:
        """The head and as much of a body as is given; the lengths are the caller's business."""
        lines = [b"%s %s HTTP/1.1" % (method.encode(), target.encode()), b"host: test"]
        lines += [name + b": " + value for name, value in _encoded(headers)]
        await self.send(b"\r\n".join([*lines, b"", b""]) + body)

    async def answer(self, seconds: float = 5) -> RawAnswer:
        """The next answer, read to the length that it declares."""
        async with asyncio.timeout(seconds):
            status, *lines = (await self.reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
            pairs = [(name, value.strip()) for name, _, value in (line.partition(":") for line in lines if line)]
            length = next((int(value) for name, value in pairs if name.lower() == "content-length"), 0)
            return RawAnswer(int(status.split()[1]), pairs, await self.reader.readexactly(length))

    async def closed(self, seconds: float = 5) -> bool:
        """Whether the other side closes, without saying anything more."""
        try:
            async with asyncio.timeout(seconds):
                return await self.reader.read(1) == b""
        except ConnectionError:
            return True


@asynccontextmanager
async def connected(port: int) -> AsyncIterator[Wire]:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        yield Wire(reader, writer)
    finally:
        writer.transport.abort()
