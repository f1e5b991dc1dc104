"""Structured logs: JSON lines, or readable ones on a terminal. No secrets in either."""

import logging
import sys
from collections.abc import MutableMapping
from typing import Any

import structlog
from asgi_correlation_id import correlation_id
from structlog.typing import Processor

from chatsvc.settings import Settings

_SECRET_WORDS = ("password", "token", "secret", "authorization", "cookie", "dsn", "url", "content")
_QUIET_LOGGERS = ("alembic", "aiosqlite", "asyncio", "sqlalchemy")

Event = MutableMapping[str, Any]


def configure_logs(settings: Settings) -> None:
    """Send our own events and those of libraries to standard output, in one form."""
    readable = settings.log_format == "console" or (settings.log_format == "auto" and sys.stdout.isatty())
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        add_request_id,
        redact,
    ]
    render: Processor = structlog.dev.ConsoleRenderer() if readable else structlog.processors.JSONRenderer()
    traces = [] if readable else [structlog.processors.format_exc_info]
    level = logging.getLevelNamesMapping()[settings.log_level.upper()]
    structlog.configure(
        processors=[*shared, *traces, render],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.PrintLoggerFactory(),
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler(sys.stdout)
    steps: list[Processor] = [structlog.stdlib.ProcessorFormatter.remove_processors_meta, *traces, render]
    handler.setFormatter(structlog.stdlib.ProcessorFormatter(processors=steps, foreign_pre_chain=shared))
    root = logging.getLogger()
    root.handlers, root.level = [handler], level
    for name in _QUIET_LOGGERS:
        logging.getLogger(name).setLevel(max(level, logging.WARNING))


def add_request_id(_logger: object, _method: str, event: Event) -> Event:
    """The id that the response carries as X-Request-ID."""
    if (request_id := correlation_id.get()) is not None:
        event["request_id"] = request_id
    return event


def redact(_logger: object, _method: str, event: Event) -> Event:
    """The last line of defence: fields whose name speaks of a secret never show their value."""
    for name in event:
        if name != "event" and any(word in name.lower() for word in _SECRET_WORDS):
            event[name] = "[redacted]"
    return event
