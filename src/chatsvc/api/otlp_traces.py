"""Spans of OpenTelemetry over OTLP. Imported only where CHATSVC_TRACES asks for it: it needs the extra `otel`."""

import asyncio
from threading import Thread
from typing import Any

from opentelemetry.context import Context
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import OTELResourceDetector, Resource
from opentelemetry.sdk.trace import Span, SpanLimits, SpanProcessor, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.trace import get_current_span
from starlette.middleware import Middleware
from starlette.types import ASGIApp, Receive, Scope, Send

from chatsvc import __version__
from chatsvc.api.observing import QUIET, request_id
from chatsvc.api.tracing import Untraced
from chatsvc.db.traced import TracedDatabase

_LAST_WORDS_SECONDS = 5
_LONGEST_ATTRIBUTE = 4_000  # a client says what its Host is
_FROM_CLIENTS = ("url.path", "url.query")
"""What people search for, ids, and whatever a broken client puts there: the log has none of it either."""


class Traces(Untraced):
    """Its provider is its own: two applications in one process do not meet.

    OTEL_SERVICE_NAME, OTEL_EXPORTER_OTLP_…, OTEL_TRACES_SAMPLER and OTEL_BSP_… are read by the SDK.
    """

    def __init__(self) -> None:
        super().__init__()
        ours = Resource({"service.name": "chatsvc", "service.version": __version__})
        resource = Resource.create().merge(ours).merge(OTELResourceDetector().detect())
        limits = SpanLimits(max_span_attribute_length=_LONGEST_ATTRIBUTE)
        self._provider = TracerProvider(resource=resource, span_limits=limits, shutdown_on_exit=False)
        self._provider.add_span_processor(_Redacting())
        self._provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
        self.middleware = (Middleware(_RequestIdsOnSpans),)
        # FastAPI's own spans of requests, which go on with a caller's traceparent. Its logs hold what was wrong with
        # the input.
        self.telemetry = {
            "tracer_provider": self._provider,
            "tracing": True,
            "operation_spans": False,
            "metrics": False,
            "logs": False,
            "exclude": lambda scope: scope.get("path") in QUIET,
        }

    def database(self, *given: Any, **options: Any) -> TracedDatabase:
        return TracedDatabase(self._provider.get_tracer("chatsvc", __version__), *given, **options)

    async def close(self) -> None:
        """Not longer than some seconds: the SDK would wait for half a minute for a collector that hangs."""
        sending = Thread(target=self._provider.shutdown, daemon=True)
        sending.start()
        await asyncio.to_thread(sending.join, _LAST_WORDS_SECONDS)


class _Redacting(SpanProcessor):
    def on_start(self, span: Span, parent_context: Context | None = None) -> None:  # noqa: ARG002 - the SDK's signature
        for name in _FROM_CLIENTS:
            if name in (span.attributes or {}):
                span.set_attribute(name, "[redacted]")


class _RequestIdsOnSpans:
    """The id that the response and the log lines carry; inside of what makes it."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            get_current_span().set_attribute("chatsvc.request_id", request_id.get() or "")
        await self._app(scope, receive, send)
