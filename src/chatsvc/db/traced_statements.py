"""A span for each statement. Imported only where traces are on.

Not the library for SQLAlchemy: it writes the driver's own message into the span, and Postgres quotes rows in that.
"""

from typing import Any

from opentelemetry.trace import Span, SpanKind, StatusCode, Tracer, get_current_span
from sqlalchemy import event
from sqlalchemy.engine import ExceptionContext
from sqlalchemy.ext.asyncio import AsyncEngine


def trace_statements(engine: AsyncEngine, tracer: Tracer) -> None:
    """The text of each statement, never its parameters; the COMMIT is what is left of the span above."""
    system = "postgresql" if engine.dialect.name == "postgresql" else "sqlite"

    @event.listens_for(engine.sync_engine, "before_cursor_execute")
    def _begin(_connection: Any, _cursor: Any, statement: str, _parameters: Any, context: Any, *_: Any) -> None:
        if get_current_span().is_recording():
            told = {"db.system.name": system, "db.query.text": statement}
            context.chatsvc_span = tracer.start_span(_operation(statement), kind=SpanKind.CLIENT, attributes=told)

    @event.listens_for(engine.sync_engine, "after_cursor_execute")
    def _end(_connection: Any, _cursor: Any, _statement: str, _parameters: Any, context: Any, *_: Any) -> None:
        _ended(context)

    @event.listens_for(engine.sync_engine, "handle_error")
    def _fail(context: ExceptionContext) -> None:
        failed = context.original_exception
        code = getattr(failed, "sqlstate", None) or getattr(failed, "sqlite_errorname", None)
        _ended(context.execution_context, code or type(failed).__name__)


def _operation(statement: str) -> str:
    word = statement.split(None, 1)[0]
    return word.upper() if word.isalpha() else "STATEMENT"


def _ended(context: Any, error: str | None = None) -> None:
    span: Span | None = getattr(context, "chatsvc_span", None)
    if span is not None:
        if error is not None:
            span.set_attribute("error.type", error)
            span.set_status(StatusCode.ERROR)
        span.end()
