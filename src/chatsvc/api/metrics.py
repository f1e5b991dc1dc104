"""What Prometheus is told, by route template: a path with ids in it would be a series for each conversation."""

from collections.abc import Awaitable, Callable

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector, generate_latest
from prometheus_client.registry import Collector

from chatsvc import __version__
from chatsvc.commands.prune import Pruned
from chatsvc.db.schema import newest_revision
from chatsvc.errors import ChatError

_BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)
_LATE_BUCKETS = (0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5)


class Metrics:
    """One registry an application, so that two in one process do not count together."""

    def __init__(self) -> None:
        self._sums: Callable[[], Awaitable[str]] | None = None
        self.registry = registry = CollectorRegistry()
        route = ["method", "route", "status"]
        self.requests = Histogram(
            "chatsvc_request_seconds", "Time to answer a request", route, buckets=_BUCKETS, registry=registry
        )
        self._series: dict[tuple[str, str, int], Histogram] = {}
        self.in_flight = Gauge("chatsvc_requests_in_flight", "Requests being answered", registry=registry)
        self.refused = Counter("chatsvc_refusals_total", "Requests refused, by code", ["code"], registry=registry)
        self.refusals = Counter(
            "chatsvc_rate_limited_total", "Requests refused by a rate limit", ["limit"], registry=registry
        )
        self.messages = Counter(
            "chatsvc_messages_total", "Messages sent, by what became of them", ["result"], registry=registry
        )
        self.hashing = Gauge(
            "chatsvc_password_hashing", "Passwords being hashed, and waiting", ["state"], registry=registry
        )
        self.pruned = Counter("chatsvc_pruned_rows_total", "Rows removed as spent or old", ["table"], registry=registry)
        self.lateness = Histogram(
            "chatsvc_event_loop_late_seconds",
            "How late the event loop came back to what was due",
            buckets=_LATE_BUCKETS,
            registry=registry,
        )
        build = Gauge("chatsvc_build_info", "What is running", ["version", "schema"], registry=registry)
        build.labels(__version__, newest_revision()).set(1)
        ProcessCollector(registry=registry)
        for error in ChatError.__subclasses__():  # of a series that begins with 1 Prometheus sees no increase
            self.refused.labels(error.code)

    def observe(self, method: str, route: str, status: int, seconds: float) -> None:
        series = self._series.get((method, route, status))
        if series is None:  # looking one up by its labels costs more than the rest
            series = self._series[method, route, status] = self.requests.labels(method, route, str(status))
        series.observe(seconds)

    def count_refused(self, code: str) -> None:
        self.refused.labels(code).inc()

    def watch(self, state: Collector) -> None:
        """Asked at every scrape, on whichever port."""
        self.registry.register(state)

    def watch_hashing(self, running: Callable[[], int], waiting: Callable[[], int]) -> None:
        """Asked at every scrape, on whichever port."""
        self.hashing.labels("running").set_function(running)
        self.hashing.labels("waiting").set_function(waiting)

    def count_pruned(self, pruned: Pruned) -> None:
        for table in ("refresh_tokens", "sessions", "auth_events", "rate_limits"):
            self.pruned.labels(table).inc(getattr(pruned, table))

    def render(self) -> bytes:
        """The text format of Prometheus."""
        return generate_latest(self.registry)

    def sum_with(self, sums: Callable[[], Awaitable[str]]) -> None:
        """This process is one of several, and `sums` gives what they have counted together."""
        self._sums = sums

    async def scrape(self) -> bytes:
        """What is true of the whole service."""
        return (await self._sums()).encode() if self._sums else self.render()
