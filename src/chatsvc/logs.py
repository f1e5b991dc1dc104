"""Structured logs: JSON lines, or readable ones on a terminal. No secrets in either."""

import asyncio
import json
import logging
import os
import sys
import traceback
from collections import deque
from collections.abc import MutableMapping
from contextlib import suppress
from functools import lru_cache
from typing import Any, TextIO, cast

import structlog
from fastapi.exceptions import ValidationException
from pydantic import ValidationError
from structlog.typing import ExcInfo, Processor

from chatsvc.api.observing import request_id
from chatsvc.settings import Settings

_SECRET_WORDS = ("password", "token", "secret", "authorization", "cookie", "dsn", "url", "content")
_QUIET_LOGGERS = ("alembic", "aiosqlite", "asyncio", "sqlalchemy")
_ROW = "DETAIL:"  # from here on Postgres quotes the row that it refused
_MAX_SAYING_CHARACTERS = 1_000
_GATHER_SECONDS = 0.02
_JSON = json.JSONEncoder(default=repr)

Event = MutableMapping[str, Any]


class Unfailing:
    """Standard output whose reader may be gone, or its disk full: then lines are lost, and no request with them.

    While an event loop runs lines are gathered for a moment and written together: a write for each of them costs more
    than making it.
    """

    def __init__(self, file: TextIO) -> None:
        self._file = file
        self._lines: deque[str] = deque()
        self._due_in: asyncio.AbstractEventLoop | None = None

    def write(self, text: str) -> int:
        self._lines.append(text)
        return len(text)

    def flush(self) -> None:
        try:
            loop = asyncio.get_running_loop()
        except RuntimeError:  # before serving, after it, and in other threads
            self._write_out()
            return
        if self._due_in is not loop:
            self._due_in = loop
            loop.call_later(_GATHER_SECONDS, self._write_out)

    def _write_out(self) -> None:
        self._due_in = None
        lines: list[str] = []
        with suppress(IndexError):  # another thread may take some of them
            while True:
                lines.append(self._lines.popleft())
        try:
            self._file.write("".join(lines))
            self._file.flush()
        except BrokenPipeError:
            _write_nowhere(self._file)
        except (OSError, ValueError):
            pass  # a disk that is full may have room again


def _write_nowhere(file: TextIO) -> None:
    """What a pipe did not take stays in the buffer: at the end Python would try again, fail and exit with 120."""
    with suppress(OSError, ValueError):
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, file.fileno())
        os.close(nowhere)


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
    render: Processor = render_json
    if readable:
        # Its own formatter shows the locals of every frame, and takes seconds for that.
        render = structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback)
    traces: list[Processor] = [structlog.processors.ExceptionRenderer(plain_trace)]
    output = cast(TextIO, Unfailing(sys.stdout))
    level = logging.getLevelNamesMapping()[settings.log_level.upper()]
    structlog.configure(
        processors=[*shared, *traces, render],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.WriteLoggerFactory(output),
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler(output)
    steps: list[Processor] = [structlog.stdlib.ProcessorFormatter.remove_processors_meta, *traces, render]
    handler.setFormatter(structlog.stdlib.ProcessorFormatter(processors=steps, foreign_pre_chain=shared))
    root = logging.getLogger()
    root.handlers, root.level = [handler], level
    for name in _QUIET_LOGGERS:
        logging.getLogger(name).setLevel(max(level, logging.WARNING))


def render_json(_logger: object, _method: str, event: Event) -> str:
    """A line of JSON; what has no JSON form is shown as Python does."""
    return _JSON.encode(event)


def add_request_id(_logger: object, _method: str, event: Event) -> Event:
    """The id that the response carries as X-Request-ID."""
    if (found := request_id.get()) is not None:
        event["request_id"] = found
    return event


def redact(_logger: object, _method: str, event: Event) -> Event:
    """The last line of defence: no field whose name speaks of a secret, and no row that a database quotes."""
    for name, value in event.items():
        if _is_secret(name):
            event[name] = "[redacted]"
        elif isinstance(value, str) and _ROW in value:
            event[name] = value.partition(_ROW)[0]
    return event


@lru_cache(maxsize=256)
def _is_secret(name: str) -> bool:
    return name != "event" and any(word in name.lower() for word in _SECRET_WORDS)


def plain_trace(exc_info: ExcInfo) -> str:
    """The stack of an exception and of those that led to it: no locals, and no values that an error is about."""
    told: list[str] = []
    error: BaseException | None = exc_info[1]
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        frames = "".join(traceback.format_tb(error.__traceback__))
        told.append(f"{frames}{type(error).__module__}.{type(error).__qualname__}: {_saying(error)}")
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    return "\n\nand then:\n\n".join(reversed(told))


def _saying(error: BaseException) -> str:
    if isinstance(error, (ValidationError, ValidationException)):  # their own text repeats the input
        return "; ".join(f"{'.'.join(map(str, problem['loc']))} {problem['type']}" for problem in error.errors())
    return str(error).partition(_ROW)[0].strip()[:_MAX_SAYING_CHARACTERS]
