"""A Postgres database as one end of a transfer, by COPY."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any

import asyncpg

from chatsvc.db.bulk.layout import TravellingTable

_CONNECT_SECONDS = 10
_AHEAD = 4  # chunks that are read before they are wanted
# Whole tables take as long as they take, and what was told to be stored is on disk.
_SETTINGS = {
    "application_name": "chatsvc transfer",
    "timezone": "UTC",
    "statement_timeout": "0",
    "idle_in_transaction_session_timeout": "0",
    "synchronous_commit": "on",
}


@asynccontextmanager
async def open_postgres(dsn: str, *, to_fill: bool) -> "AsyncIterator[PostgresSide]":
    connection = await asyncpg.connect(dsn, timeout=_CONNECT_SECONDS, server_settings=_SETTINGS)
    try:
        # The snapshot is taken by the first look.
        await connection.execute("BEGIN" if to_fill else "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; SELECT 1")
        yield PostgresSide(connection)
        await connection.execute("COMMIT")
        if to_fill:
            with suppress(asyncpg.PostgresError):  # of another's table, for one: it is done by itself sooner or later
                await connection.execute("ANALYZE")  # until then the planner takes the tables for empty
    finally:
        connection.terminate()  # whatever is not committed is not there


class PostgresSide:
    def __init__(self, connection: "asyncpg.Connection[Any]") -> None:
        self._connection = connection

    async def value(self, question: str) -> object:
        return await self._connection.fetchval(question)

    async def execute(self, statement: str) -> None:
        await self._connection.execute(statement)

    async def lines(self, table: TravellingTable, *, in_order: bool = False) -> AsyncIterator[list[bytes]]:
        chunks: asyncio.Queue[bytes | None] = asyncio.Queue(_AHEAD)

        async def read() -> None:
            try:
                await self._connection.copy_from_query(table.select("postgresql", in_order=in_order), output=chunks.put)
            except Exception:
                await chunks.put(None)  # not when nobody reads any more: there may be no room
                raise
            await chunks.put(None)

        reading = asyncio.create_task(read())
        try:
            rest = b""
            while (chunk := await chunks.get()) is not None:
                *lines, rest = (rest + chunk).split(b"\n")
                if lines:
                    yield lines
            await reading
        finally:
            reading.cancel()
            await asyncio.wait([reading])

    async def fill(self, table: TravellingTable, lines: AsyncIterator[list[bytes]]) -> None:
        async def data() -> AsyncIterator[bytes]:
            async for some in lines:
                yield b"".join(line + b"\n" for line in some)

        await self._connection.copy_to_table(table.name, source=data(), columns=table.columns)
