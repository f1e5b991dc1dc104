"""What the engine runs meanwhile: statements counted, and one of them failed on purpose."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import event
from sqlalchemy.ext.asyncio import AsyncEngine


class OnPurpose(Exception):
    """A failure that a test injects: to the service it is a defect."""


@contextmanager
def _listening(engine: AsyncEngine, name: str, listener: Callable[..., Any]) -> Iterator[None]:
    event.listen(engine.sync_engine, name, listener)
    try:
        yield
    finally:
        event.remove(engine.sync_engine, name, listener)


@contextmanager
def statements(engine: AsyncEngine) -> Iterator[list[str]]:
    """The text of each statement. Not BEGIN, which SQLite has as a statement and Postgres has not."""
    seen: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        if not statement.startswith("BEGIN"):
            seen.append(statement)

    with _listening(engine, "before_cursor_execute", note):
        yield seen


@contextmanager
def failing_at(engine: AsyncEngine, number: int, error: Exception) -> Iterator[None]:
    """The statement with this number, counted from 1, raises before it is run; those after it are run."""
    count = 0

    def fail(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        nonlocal count
        count += not statement.startswith("BEGIN")
        if count == number:
            count += 1  # once alone: what is run again succeeds
            raise error

    with _listening(engine, "before_cursor_execute", fail):
        yield


@contextmanager
def database_errors(engine: AsyncEngine) -> Iterator[list[str]]:
    """What the database refused: deadlocks above all, which running again would hide."""
    seen: list[str] = []

    def note(context: Any) -> None:
        seen.append(repr(context.original_exception))

    with _listening(engine, "handle_error", note):
        yield seen


@contextmanager
def rollbacks(engine: AsyncEngine) -> Iterator[list[None]]:
    """One for each transaction that was undone: what had to be run again is among them."""
    seen: list[None] = []
    with _listening(engine, "rollback", lambda _connection: seen.append(None)):
        yield seen
