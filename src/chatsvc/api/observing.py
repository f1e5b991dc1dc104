"""What is known of every request: its id, and how it went, for metrics and log. Pure ASGI; it runs on each request, so
it reads and writes headers as the bytes that they are."""

import re
import time
from collections.abc import Callable
from contextvars import ContextVar
from typing import Any

import structlog
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from chatsvc.api.metrics import Metrics
from chatsvc.ids import new_id

request_id: ContextVar[str | None] = ContextVar("request_id", default=None)
"""Of the request that is being answered: in its response as X-Request-ID, in its log lines, in the audit log."""

METHODS = ("GET", "POST", "PATCH", "DELETE")
_KNOWN_METHODS = frozenset({*METHODS, "HEAD", "OPTIONS", "PUT"})
QUIET = frozenset({"/healthz", "/readyz", "/metrics"})
_VALID_ID = re.compile(rb"[A-Za-z0-9._-]{1,128}")


def header(scope: Scope, name: bytes) -> bytes | None:
    """The first one of that name, which is in lower case as ASGI has them."""
    for key, value in scope["headers"]:
        if key == name:
            return value  # type: ignore[no-any-return]
    return None


class RequestIds:
    """The client's own X-Request-ID where it is fit to be written into a log, or else a new one."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        given = header(scope, b"x-request-id")
        text = given.decode() if given is not None and _VALID_ID.fullmatch(given) else str(new_id())
        request_id.set(text)
        told = (b"x-request-id", text.encode())

        async def tell(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"].append(told)
            await send(message)

        await self._app(scope, receive, tell)


class Observed:
    """Counts, times and logs each request by its route's template."""

    def __init__(self, app: ASGIApp, *, metrics: Metrics) -> None:
        self._app = app
        self._metrics = metrics
        self._log: Any = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        status, begun = 499, time.perf_counter()  # 499: gone before an answer, as proxies write it

        async def note_status(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        self._metrics.in_flight.inc()
        try:
            await self._app(scope, receive, note_status)
        finally:
            self._metrics.in_flight.dec()
            self._note(scope, status, time.perf_counter() - begun)

    def _note(self, scope: Scope, status: int, seconds: float) -> None:
        route = getattr(scope.get("route"), "path", "unmatched")
        method = scope["method"] if scope["method"] in _KNOWN_METHODS else "other"
        self._metrics.observe(method, route, status, seconds)
        if (code := scope.get("refused")) is not None:
            self._metrics.count_refused(code)
        client = (scope.get("client") or ("",))[0]
        tell = self._teller(quiet=scope["path"] in QUIET)
        tell("request", method=method, route=route, status=status, ms=round(seconds * 1000, 1), client=client)

    def _teller(self, *, quiet: bool) -> Callable[..., Any]:
        if self._log is None:
            self._log = structlog.get_logger("chatsvc.access").bind()  # once: it is put together at every use otherwise
        tell: Callable[..., Any] = self._log.debug if quiet else self._log.info
        return tell
