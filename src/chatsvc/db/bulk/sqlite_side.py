"""An SQLite file as one end of a transfer. It blocks: a transfer has nothing else to do meanwhile."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from pathlib import Path

from chatsvc.db.bulk.copy_text import line_of, values_of
from chatsvc.db.bulk.layout import TravellingTable

_AT_ONCE = 2_000
_PATIENCE_SECONDS = 30


@asynccontextmanager
async def open_sqlite(path: Path, *, to_fill: bool) -> "AsyncIterator[SqliteSide]":
    if not await asyncio.to_thread(path.is_file):
        raise FileNotFoundError(f"there is no file {path}")
    with closing(sqlite3.connect(path, isolation_level=None, timeout=_PATIENCE_SECONDS)) as connection:
        if to_fill:
            connection.execute("PRAGMA foreign_keys=ON")
            connection.execute("PRAGMA synchronous=FULL")
            connection.execute("BEGIN IMMEDIATE")
            connection.execute("PRAGMA defer_foreign_keys=ON")  # rows of one table name each other, in any order
        else:
            connection.execute("PRAGMA query_only=1")
            connection.execute("BEGIN")
            connection.execute("SELECT 1 FROM sqlite_schema").fetchone()  # the snapshot is taken by the first look
        yield SqliteSide(connection)
        connection.execute("COMMIT")


class SqliteSide:
    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    async def value(self, question: str) -> object:
        row = self._connection.execute(question).fetchone()
        return row[0] if row else None

    async def execute(self, statement: str) -> None:
        self._connection.execute(statement)

    async def lines(self, table: TravellingTable, *, in_order: bool = False) -> AsyncIterator[list[bytes]]:
        cursor = self._connection.execute(table.select("sqlite", in_order=in_order))
        while rows := cursor.fetchmany(_AT_ONCE):
            yield [line_of(row) for row in rows]

    async def fill(self, table: TravellingTable, lines: AsyncIterator[list[bytes]]) -> None:
        marks = ", ".join("?" * len(table.columns))
        insert = f"INSERT INTO {table.name} ({', '.join(table.columns)}) VALUES ({marks})"
        async for some in lines:
            self._connection.executemany(insert, map(values_of, some))
