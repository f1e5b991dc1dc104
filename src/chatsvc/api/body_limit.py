"""The bound on request bodies. Starlette's own answers outside the envelope, and does not read on."""

import asyncio
import time

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from chatsvc.api.envelope import refusal
from chatsvc.api.observing import header
from chatsvc.errors import PayloadTooLarge, invalid_field

_DRAIN_SECONDS = 5.0


class BodyLimit:
    """Refuses a body of more than `max_bytes` with 413, early when its length is declared.

    What is still being sent is read and thrown away for some seconds: a client that is still writing when the
    connection closes would lose the answer.
    """

    def __init__(self, app: ASGIApp, *, max_bytes: int) -> None:
        self._app = app
        self._max_bytes = max_bytes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        http = scope["type"] == "http"
        declared = header(scope, b"content-length") if http else None
        if declared is not None:
            if not declared.isdigit():
                await refusal(invalid_field("", "Content-Length is not a number"))(scope, receive, send)
            elif int(declared) > self._max_bytes:
                await self._refuse(scope, receive, send)
            else:
                await self._app(scope, receive, send)  # the server holds the client to what it declared
        elif http and header(scope, b"transfer-encoding") is not None:
            await self._count(scope, receive, send)
        else:
            await self._app(scope, receive, send)

    async def _count(self, scope: Scope, receive: Receive, send: Send) -> None:
        """A body of unknown length is gathered first: what comes before 401 and 422 is known only then."""
        body = bytearray()
        more = True
        while more:
            message = await receive()
            if message["type"] == "http.disconnect":
                return
            body += message.get("body", b"")
            more = message.get("more_body", False)
            if len(body) > self._max_bytes:
                await self._refuse(scope, receive, send, unread=more)
                return
        await self._app(scope, _replay(bytes(body), receive), send)

    async def _refuse(self, scope: Scope, receive: Receive, send: Send, *, unread: bool = True) -> None:
        answer = refusal(PayloadTooLarge(details={"max_bytes": self._max_bytes}), {"Connection": "close"})

        async def send_then_drain(message: Message) -> None:
            if not unread or message["type"] != "http.response.body":
                await send(message)
                return
            await send({**message, "more_body": True})  # the whole answer leaves, the connection stays
            await _drain(receive)
            await send({"type": "http.response.body", "body": b"", "more_body": False})

        await answer(scope, receive, send_then_drain)


def _replay(body: bytes, receive: Receive) -> Receive:
    given = False

    async def replay() -> Message:
        nonlocal given
        if given:
            return await receive()
        given = True
        return {"type": "http.request", "body": body, "more_body": False}

    return replay


async def _drain(receive: Receive) -> None:
    until = time.monotonic() + _DRAIN_SECONDS
    while (left := until - time.monotonic()) > 0:
        try:
            message = await asyncio.wait_for(receive(), left)
        except TimeoutError:
            return
        if message["type"] == "http.disconnect" or not message.get("more_body", False):
            return
