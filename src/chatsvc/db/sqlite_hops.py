"""aiosqlite under SQLAlchemy, with one hop to the connection's thread for each statement.

SQLAlchemy's own adapter hops four times (cursor, execute, fetchall, close) and once more for BEGIN; a hop costs some
70 microseconds, five times what SQLite itself needs for a small statement. Here a statement is executed and fetched in
one hop, BEGIN goes along with the first statement of its transaction, and several statements may go in one.
"""

import sqlite3
from collections import deque
from collections.abc import Sequence
from typing import Any, NamedTuple

import aiosqlite
from sqlalchemy.connectors.asyncio import AsyncAdapt_dbapi_connection
from sqlalchemy.dialects.sqlite.aiosqlite import (
    AsyncAdapt_aiosqlite_connection,
    AsyncAdapt_aiosqlite_cursor,
    AsyncAdapt_aiosqlite_dbapi,
)
from sqlalchemy.util import await_only

SEPARATOR = "\n;;\n"
"""Between statements that go in one hop. They share their named parameters; the result is a row with the number of rows
that each of them gave."""
MANY = "--for each of "
"""Before a statement of those: it is run for each row of the parameter that is named here, and counts what it changed.
An insert from json_each costs twice as much."""


class _Outcome(NamedTuple):
    description: Any
    rows: Sequence[Any]
    rowcount: int
    lastrowid: int | None


def _run(connection: sqlite3.Connection, opening: str, sql: str, parameters: Any) -> _Outcome:
    if opening:
        connection.execute(opening)
    if SEPARATOR in sql:
        counts = tuple(_count(connection, part, parameters) for part in sql.split(SEPARATOR))
        description = tuple((f"rows_{at}", *[None] * 6) for at in range(len(counts)))
        return _Outcome(description, [counts], -1, None)
    cursor = connection.execute(sql, parameters)
    return _Outcome(cursor.description, cursor.fetchall(), cursor.rowcount, cursor.lastrowid)


def _count(connection: sqlite3.Connection, sql: str, parameters: Any) -> int:
    if sql.startswith(MANY):
        name, _, statement = sql.removeprefix(MANY).partition("\n")
        return connection.executemany(statement, parameters[name]).rowcount
    return len(connection.execute(sql, parameters).fetchall())


def _run_many(connection: sqlite3.Connection, opening: str, sql: str, parameters: Any) -> _Outcome:
    if opening:
        connection.execute(opening)
    cursor = connection.executemany(sql, parameters)
    return _Outcome(None, (), cursor.rowcount, cursor.lastrowid)


class OneHopCursor(AsyncAdapt_aiosqlite_cursor):
    """Holds what a statement gave; there is nothing to close."""

    __slots__ = ("_outcome", "arraysize")

    def __init__(self, adapt_connection: AsyncAdapt_dbapi_connection) -> None:
        self._adapt_connection: Any = adapt_connection
        self._connection: Any = adapt_connection._connection  # noqa: SLF001 - the adapter's own way
        self._outcome = _Outcome(None, (), -1, None)
        self._rows = deque[Any]()
        self.arraysize = 1

    @property
    def description(self) -> Any:
        return self._outcome.description

    @property
    def rowcount(self) -> int:
        return self._outcome.rowcount

    @property
    def lastrowid(self) -> Any:
        return self._outcome.lastrowid

    def execute(self, operation: Any, parameters: Any = None) -> Any:
        return self._hop(_run, operation, parameters if parameters is not None else ())

    def executemany(self, operation: Any, seq_of_parameters: Any) -> Any:
        return self._hop(_run_many, operation, seq_of_parameters)

    def close(self) -> None:
        self._rows.clear()

    async def _async_soft_close(self) -> None:
        return

    def _hop(self, function: Any, operation: Any, parameters: Any) -> "OneHopCursor":
        adapter = self._adapt_connection
        opening, adapter.opening = adapter.opening, ""
        hop = self._connection._execute  # noqa: SLF001 - no public call of aiosqlite runs a function in its thread
        try:
            raw = self._connection._conn  # noqa: SLF001
            self._outcome = await_only(hop(function, raw, opening, operation, parameters))
        except Exception as error:  # noqa: BLE001 - turned into the driver's own, as the adapter does
            if not adapter.in_transaction():
                adapter.opening = opening  # whoever goes on all the same must not do so outside of a transaction
            adapter._handle_exception(error)  # noqa: SLF001
        self._rows = deque(self._outcome.rows)
        return self


class OneHopConnection(AsyncAdapt_aiosqlite_connection):
    """`opening` is the BEGIN that goes along with the next statement."""

    __slots__ = ("opening",)
    _cursor_cls = OneHopCursor
    _ss_cursor_cls = OneHopCursor  # type: ignore[assignment]

    def __init__(self, dbapi: Any, connection: Any) -> None:
        super().__init__(dbapi, connection)
        self.opening = ""

    def rollback(self) -> None:
        self.opening = ""
        if self.in_transaction():
            super().rollback()

    def commit(self) -> None:
        self.opening = ""
        if self.in_transaction():
            super().commit()

    def in_transaction(self) -> bool:
        raw: sqlite3.Connection | None = self._connection._connection  # noqa: SLF001
        return raw is not None and raw.in_transaction


class OneHopDriver(AsyncAdapt_aiosqlite_dbapi):
    """The `module` of an engine."""

    def __init__(self) -> None:
        super().__init__(aiosqlite, sqlite3)

    def connect(self, *arg: Any, **kw: Any) -> OneHopConnection:
        return OneHopConnection(self, super().connect(*arg, **kw)._connection)  # noqa: SLF001
