"""A collector of OpenTelemetry: takes spans over OTLP on a port of this machine, and keeps what came."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread
from typing import Any

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest


@dataclass(frozen=True)
class ToldSpan:
    name: str
    trace_id: str
    span_id: str
    parent_id: str
    attributes: dict[str, Any]
    failed: bool
    linked_to: list[str]


@dataclass
class Collector:
    """`sent` is what came over the wire, to look for what must not be there."""

    endpoint: str = ""
    sent: list[bytes] = field(default_factory=list)

    @property
    def services(self) -> set[str]:
        resources = [resource for body in self.sent for resource in _read(body).resource_spans]
        return {a.value.string_value for r in resources for a in r.resource.attributes if a.key == "service.name"}

    @property
    def spans(self) -> list[ToldSpan]:
        scopes = [scope for body in self.sent for r in _read(body).resource_spans for scope in r.scope_spans]
        return [_told(span) for scope in scopes for span in scope.spans]

    def named(self, name: str) -> list[ToldSpan]:
        return [span for span in self.spans if span.name == name]

    def below(self, span: ToldSpan) -> list[ToldSpan]:
        return [other for other in self.spans if other.parent_id == span.span_id]


@contextmanager
def collecting() -> Iterator[Collector]:
    collector = Collector()

    class Take(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            collector.sent.append(self.rfile.read(int(self.headers["content-length"])))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            return

    with HTTPServer(("127.0.0.1", 0), Take) as server:
        collector.endpoint = f"http://127.0.0.1:{server.server_address[1]}"
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield collector
        finally:
            server.shutdown()
            thread.join()


def _read(body: bytes) -> ExportTraceServiceRequest:
    read = ExportTraceServiceRequest()
    read.ParseFromString(body)
    return read


def _told(span: Any) -> ToldSpan:
    return ToldSpan(
        name=span.name,
        trace_id=span.trace_id.hex(),
        span_id=span.span_id.hex(),
        parent_id=span.parent_span_id.hex(),
        attributes={a.key: getattr(a.value, a.value.WhichOneof("value")) for a in span.attributes},
        failed=span.status.code == 2 or bool(span.status.message),
        linked_to=[link.span_id.hex() for link in span.links],
    )
