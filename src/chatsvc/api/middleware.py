"""What every request passes: counting and logging, security headers, crashes, CORS. Pure ASGI, outermost first."""

import re
import time
from collections.abc import Iterable

import structlog
from starlette.datastructures import Headers, MutableHeaders
from starlette.middleware.cors import CORSMiddleware
from starlette.responses import JSONResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from chatsvc.api.envelope import refusal
from chatsvc.api.metrics import Metrics
from chatsvc.errors import InternalError, invalid_field

_log = structlog.get_logger("chatsvc.access")
_crash_log = structlog.get_logger("chatsvc.crash")
_METHODS = ("GET", "POST", "PATCH", "DELETE")
_HEADERS = ("Authorization", "Content-Type", "X-Request-ID")
_EXPOSED = ("X-Request-ID", "Retry-After")
_STRICT_CSP = "default-src 'none'; frame-ancestors 'none'"
# The page's own files alone; its library sets styles inline.
_DOCS_CSP = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
    "connect-src 'self'; frame-ancestors 'none'"
)
_QUIET = frozenset({"/healthz", "/readyz", "/metrics"})


_REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{1,128}", re.ASCII)


def valid_request_id(text: str) -> bool:
    """Whether a client's own X-Request-ID is taken over."""
    return _REQUEST_ID.fullmatch(text) is not None


class Observed:
    """Counts, times and logs each request by its route's template."""

    def __init__(self, app: ASGIApp, *, metrics: Metrics) -> None:
        self._app = app
        self._metrics = metrics

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
            route = getattr(scope.get("route"), "path", "unmatched")
            seconds = time.perf_counter() - begun
            method = scope["method"] if scope["method"] in (*_METHODS, "HEAD", "OPTIONS", "PUT") else "other"
            self._metrics.observe(method, route, status, seconds)
            tell = _log.debug if scope["path"] in _QUIET else _log.info
            client = (scope.get("client") or ("",))[0]
            tell("request", method=method, route=route, status=status, ms=round(seconds * 1000, 1), client=client)


class SecurityHeaders:
    """On every response, refusals and crashes too (OWASP ASVS 5.0, 3.4)."""

    def __init__(self, app: ASGIApp, *, hsts: bool) -> None:
        self._app = app
        self._headers = {
            "X-Content-Type-Options": "nosniff",
            "Referrer-Policy": "no-referrer",
            "Cross-Origin-Resource-Policy": "same-origin",
        }
        if hsts:
            self._headers["Strict-Transport-Security"] = "max-age=31536000; includeSubDomains"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        path: str = scope["path"]

        async def add_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers.update(self._headers)
                headers["Content-Security-Policy"] = _DOCS_CSP if path == "/docs" else _STRICT_CSP
                if path.startswith("/v1"):
                    headers["Cache-Control"] = "no-store"
            await send(message)

        await self._app(scope, receive, add_headers)


class Crashes:
    """A defect is a 500 in the envelope, and a stack trace in the log under the request's id."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        started = False

        async def note_start(message: Message) -> None:
            nonlocal started
            started = started or message["type"] == "http.response.start"
            await send(message)

        try:
            await self._app(scope, receive, note_start)
        except Exception:
            _crash_log.exception("crash", route=getattr(scope.get("route"), "path", "unmatched"))
            if started:
                raise
            await refusal(InternalError())(scope, receive, send)


class Cors(CORSMiddleware):
    """Exact origins without credentials; preflights are answered in the envelope."""

    def __init__(self, app: ASGIApp, *, origins: Iterable[str]) -> None:
        super().__init__(
            app,
            allow_origins=list(origins),
            allow_methods=_METHODS,
            allow_headers=_HEADERS,
            expose_headers=_EXPOSED,
            max_age=600,
        )

    def preflight_response(self, request_headers: Headers) -> Response:
        answer = super().preflight_response(request_headers)
        kept = {k: v for k, v in answer.headers.items() if k not in ("content-length", "content-type")}
        if answer.status_code >= 400:
            return refusal(invalid_field("Origin", "may not make this request from a browser"), kept)
        return JSONResponse({"data": {}}, headers=kept)
