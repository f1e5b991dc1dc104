"""What every request passes: security headers, crashes, CORS, compression. Pure ASGI."""

from collections.abc import Iterable

import structlog
from starlette.datastructures import Headers
from starlette.middleware.cors import CORSMiddleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.responses import JSONResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from chatsvc.api.envelope import refusal
from chatsvc.api.observing import METHODS, header
from chatsvc.errors import InternalError, invalid_field

_crash_log = structlog.get_logger("chatsvc.crash")
_HEADERS = ("Authorization", "Content-Type", "X-Request-ID")
_EXPOSED = ("X-Request-ID", "Retry-After")
_STRICT_CSP = "default-src 'none'; frame-ancestors 'none'"
# The page's own files alone; its library sets styles inline.
_DOCS_CSP = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
    "connect-src 'self'; frame-ancestors 'none'"
)
# SQLite in the browser is WebAssembly in a worker, and react-native-web sets styles inline. With the two beside it the
# page is isolated from every other origin.
_APP_HEADERS = {
    "content-security-policy": (
        "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; worker-src 'self' blob:; connect-src 'self'; "
        "style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; font-src 'self' data:; object-src 'none'; "
        "base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
    ),
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-embedder-policy": "require-corp",
}


class SecurityHeaders:
    """On every response, refusals and crashes too (OWASP ASVS 5.0, 3.4)."""

    def __init__(self, app: ASGIApp, *, hsts: bool) -> None:
        self._app = app
        headers = {
            "x-content-type-options": "nosniff",
            "referrer-policy": "no-referrer",
            "cross-origin-resource-policy": "same-origin",
        }
        if hsts:
            headers["strict-transport-security"] = "max-age=31536000; includeSubDomains"
        self._docs = _raw(headers | {"content-security-policy": _DOCS_CSP})
        self._app_pages = _raw(headers | _APP_HEADERS)
        self._others = _raw(headers | {"content-security-policy": _STRICT_CSP})
        self._v1 = _raw(headers | {"content-security-policy": _STRICT_CSP, "cache-control": "no-store"})

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        added = self._added(scope["path"])

        async def add_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message["headers"], *added]
            await send(message)

        await self._app(scope, receive, add_headers)

    def _added(self, path: str) -> list[tuple[bytes, bytes]]:
        if path.startswith("/v1"):
            return self._v1
        if path == "/app" or path.startswith("/app/"):
            return self._app_pages
        return self._docs if path == "/docs" else self._others


def _raw(headers: dict[str, str]) -> list[tuple[bytes, bytes]]:
    return [(name.encode(), value.encode()) for name, value in headers.items()]


class Compression(GZipMiddleware):
    """Of what is longer than a packet, for those who ask. The rest of the API passes it by: nothing of it is cached."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        asked = scope["type"] == "http" and b"gzip" in (header(scope, b"accept-encoding") or b"")
        if asked or not scope.get("path", "").startswith("/v1"):
            await super().__call__(scope, receive, send)
        else:
            await self.app(scope, receive, send)


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
            allow_methods=METHODS,
            allow_headers=_HEADERS,
            expose_headers=_EXPOSED,
            max_age=600,
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if self.allow_origins or (scope["type"] == "http" and header(scope, b"origin") is not None):
            await super().__call__(scope, receive, send)
        else:  # no browser's, and no origin that an answer could vary by
            await self.app(scope, receive, send)

    def preflight_response(self, request_headers: Headers) -> Response:
        answer = super().preflight_response(request_headers)
        kept = {k: v for k, v in answer.headers.items() if k not in ("content-length", "content-type")}
        if answer.status_code >= 400:
            return refusal(invalid_field("Origin", "may not make this request from a browser"), kept)
        return JSONResponse({"data": {}}, headers=kept)
