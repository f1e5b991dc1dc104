"""One failure on purpose, at one statement of a database's connections or at a COMMIT.

Where the database can be made to fail by itself, it is: on Postgres connections are cut and deadlocks are its own.
"""

import asyncio
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection
from sqlalchemy.ext.asyncio import AsyncEngine

from tests.support.listening import listening

Fault = Callable[[Connection], None]


class OnPurpose(Exception):
    """To the service it is a defect."""


def defect(_connection: Connection) -> None:
    raise OnPurpose


def lost(connection: Connection) -> None:
    """The connection is gone: what was not committed is undone."""
    if connection.dialect.name == "postgresql":
        connection.connection.driver_connection.terminate()  # type: ignore[union-attr]
        return  # and what is run next on it fails by itself
    connection.connection.rollback()
    raise ConnectionResetError


def undone(connection: Connection) -> None:
    """The database has undone the transaction and says that it may be run again."""
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql("DO $$ BEGIN RAISE EXCEPTION 'on purpose' USING ERRCODE = '40P01'; END $$")
    connection.connection.rollback()
    raise _sqlite_error("SQLITE_BUSY_SNAPSHOT")


def full(connection: Connection) -> None:
    """No room on the disk: undone, and nothing to run again at once."""
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql("DO $$ BEGIN RAISE EXCEPTION 'on purpose' USING ERRCODE = '57014'; END $$")
    connection.connection.rollback()
    raise _sqlite_error("SQLITE_FULL")


def lost_after_the_commit(connection: Connection) -> None:
    """It is done, and nobody hears of it."""
    connection.connection.commit()
    raise ConnectionResetError


def cancelling(task: "asyncio.Task[Any]") -> Fault:
    """Who asked for the work goes away."""

    def cancel(_connection: Connection) -> None:
        task.cancel()

    return cancel


@contextmanager
def at_statement(engine: AsyncEngine, number: int, fault: Fault) -> Iterator[None]:
    """The statement with this number, counted from 1, meets the fault; those after it are run."""
    count = 0

    def inject(connection: Connection, *_: Any) -> None:
        nonlocal count
        count += 1
        if count == number:
            fault(connection)

    with listening(engine, "before_cursor_execute", inject):
        yield
    assert count >= number, f"there is no statement {number}"


@contextmanager
def at_commit(engine: AsyncEngine, fault: Fault) -> Iterator[None]:
    """The first COMMIT meets the fault."""
    met = False

    def inject(connection: Connection) -> None:
        nonlocal met
        if not met:
            met = True
            fault(connection)

    with listening(engine, "commit", inject):
        yield
    assert met, "there was no COMMIT"


@contextmanager
def counted(engine: AsyncEngine) -> Iterator[list[str]]:
    """Every statement that makes a trip: BEGIN goes along with the first."""
    seen: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        seen.append(statement)

    with listening(engine, "before_cursor_execute", note):
        yield seen


def _sqlite_error(name: str) -> sqlite3.OperationalError:
    error = sqlite3.OperationalError("on purpose")
    error.sqlite_errorname = name
    return error
