"""A Database whose commands, queries and statements are spans of OpenTelemetry. Imported only where traces are on."""

from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, TypeVar

from opentelemetry.trace import Span, StatusCode, Tracer, set_span_in_context
from sqlalchemy.ext.asyncio import AsyncEngine

from chatsvc.db.database import Database
from chatsvc.db.traced_statements import trace_statements
from chatsvc.errors import ChatError

R = TypeVar("R")
_attempts: ContextVar[list[None] | None] = ContextVar("attempts", default=None)
"""One entry for each transaction that was begun for the span at hand."""


class TracedDatabase(Database):
    """A span for each command and query, with its statements below it, and how many transactions it took.

    What runs together has one span more, below that of the first caller and linked from those of the others.
    """

    def __init__(self, tracer: Tracer, *given: Any, **options: Any) -> None:
        super().__init__(*given, **options)
        self._tracer = tracer
        self._callers: dict[int, Span] = {}  # by the id of the unit that they wait for
        for engine in (self.engines.writer, self.engines.reader, self.engines.replica):
            if engine is not None:
                trace_statements(engine, tracer)

    async def execute(self, handler: Any, command: Any) -> Any:
        with self._span(_name(handler)):
            return await super().execute(handler, command)

    async def read(self, query: Any, /, **arguments: Any) -> Any:
        with self._span(_name(query)):
            return await super().read(query, **arguments)

    async def read_primary(self, query: Any, /, **arguments: Any) -> Any:
        if _attempts.get() is not None:  # for `read`
            return await super().read_primary(query, **arguments)
        with self._span(_name(query)):
            return await super().read_primary(query, **arguments)

    async def execute_together(self, handler: Any, unit: Any) -> Any:
        with self._waiting(handler, unit):
            return await super().execute_together(handler, unit)

    async def read_together(self, query: Any, question: Any) -> Any:
        with self._waiting(query, question):
            return await super().read_together(query, question)

    async def read_primary_together(self, query: Any, question: Any) -> Any:
        if id(question) in self._callers:  # for `read_together`
            return await super().read_primary_together(query, question)
        with self._waiting(query, question):
            return await super().read_primary_together(query, question)

    async def _each(self, attempt: Any, units: Sequence[Any], *, reading: bool = False) -> Any:
        with self._group(attempt.args[-1], units):
            return await super()._each(attempt, units, reading=reading)

    async def _on_replica(self, query: Any, questions: Sequence[Any]) -> Any:
        with self._group(query, questions):
            return await super()._on_replica(query, questions)

    async def _command(self, handler: Any, command: Any) -> Any:
        _note_attempt()
        return await super()._command(handler, command)

    async def _query(self, engine: AsyncEngine, query: Callable[..., Awaitable[R]], *asked: Any) -> R:
        _note_attempt()
        return await super()._query(engine, query, *asked)

    @contextmanager
    def _span(self, name: str, **options: Any) -> Iterator[Span]:
        """Says of an error its code or its type: a text may quote what a message says."""
        attempts: list[None] = []
        counted = _attempts.set(attempts)
        quiet: dict[str, Any] = {"record_exception": False, "set_status_on_exception": False}
        with self._tracer.start_as_current_span(name, **quiet, **options) as span:
            try:
                yield span
            except Exception as error:
                span.set_attribute("error.type", error.code if isinstance(error, ChatError) else type(error).__name__)
                if not isinstance(error, ChatError) or error.status >= 500:
                    span.set_status(StatusCode.ERROR)
                raise
            finally:
                _attempts.reset(counted)
                if attempts:
                    span.set_attribute("chatsvc.attempts", len(attempts))

    @contextmanager
    def _waiting(self, handler: Any, unit: Any) -> Iterator[None]:
        with self._span(_name(handler)) as span:
            self._callers[id(unit)] = span
            try:
                yield
            finally:
                self._callers.pop(id(unit), None)

    @contextmanager
    def _group(self, handler: Any, units: Sequence[Any]) -> Iterator[None]:
        callers = [self._callers[id(unit)] for unit in units if id(unit) in self._callers]
        below = set_span_in_context(callers[0]) if callers else None
        told = {"chatsvc.group_units": len(units)}
        with self._span(f"{_name(handler)} together", context=below, attributes=told) as span:
            for caller in callers[1:]:
                caller.add_link(span.get_span_context())
            yield


def _name(handler: Any) -> str:
    name: str = getattr(handler, "__name__", type(handler).__name__)
    return name


def _note_attempt() -> None:
    if (attempts := _attempts.get()) is not None:
        attempts.append(None)
