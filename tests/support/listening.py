"""What an engine does meanwhile: its statements, its refusals, its rollbacks."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import event
from sqlalchemy.ext.asyncio import AsyncEngine


@contextmanager
def listening(engine: AsyncEngine, name: str, listener: Callable[..., Any]) -> Iterator[None]:
    """`listener` hears an event of SQLAlchemy while the body runs."""
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

    with listening(engine, "before_cursor_execute", note):
        yield seen


@contextmanager
def database_errors(engine: AsyncEngine) -> Iterator[list[str]]:
    """What the database refused: deadlocks above all, which running again would hide."""
    seen: list[str] = []

    def note(context: Any) -> None:
        seen.append(repr(context.original_exception))

    with listening(engine, "handle_error", note):
        yield seen


@contextmanager
def rollbacks(engine: AsyncEngine) -> Iterator[list[None]]:
    """One for each transaction that was undone: what had to be run again is among them."""
    seen: list[None] = []
    with listening(engine, "rollback", lambda _connection: seen.append(None)):
        yield seen
