"""Filling a Postgres database: COPY, with the keys of the biggest table made afterwards, as the tables say."""

import csv
import io
from collections.abc import AsyncIterator, Callable, Iterator
from itertools import islice
from typing import Any

import asyncpg
from sqlalchemy import Constraint, ForeignKeyConstraint, PrimaryKeyConstraint, Table, UniqueConstraint
from sqlalchemy.dialects import postgresql
from sqlalchemy.schema import AddConstraint, DropConstraint, ExecutableDDLElement

from bench.population import Population
from bench.seeding.rows import COLUMNS, Row, Rows
from chatsvc.tables import metadata

_CHUNK = 10_000
_KEYS = (PrimaryKeyConstraint, UniqueConstraint, ForeignKeyConstraint)


async def fill_postgres(dsn: str, population: Population, say: Callable[[str], None]) -> None:
    """Everything is written and counted when this returns: VACUUM, ANALYZE, CHECKPOINT."""
    connection = await asyncpg.connect(dsn, command_timeout=1_800)
    try:
        if await connection.fetchval("SELECT count(*) FROM users"):
            raise ValueError("the database is not empty")
        await connection.execute("SET synchronous_commit = off")
        await connection.execute("SET maintenance_work_mem = '512MB'")
        await _fill(connection, Rows(population), say)
        say("counting and checkpointing")
        for statement in ("VACUUM (ANALYZE)", "CHECKPOINT"):
            await connection.execute(statement)
    finally:
        await connection.close()


async def _fill(connection: Any, rows: Rows, say: Callable[[str], None]) -> None:
    messages = metadata.tables["messages"]
    async with connection.transaction():
        for key in reversed(_keys(messages)):
            await connection.execute(_sql(DropConstraint(key)))
        for table, columns in COLUMNS.items():
            say(f"filling {table}")
            source = _as_csv(rows.of(table))
            await connection.copy_to_table(table, source=source, columns=columns, format="csv", timeout=1_800)
        say("making the keys of messages")
        for key in _keys(messages):
            await connection.execute(_sql(AddConstraint(key)))


def _keys(table: Table) -> list[Constraint]:
    """What an index stands behind, or a look at another table: the primary key first, foreign keys last."""
    order = {kind: at for at, kind in enumerate(_KEYS)}
    found = [constraint for constraint in table.constraints if isinstance(constraint, _KEYS)]
    return sorted(found, key=lambda constraint: (order[type(constraint)], str(constraint.name)))


def _sql(statement: ExecutableDDLElement) -> str:
    return str(statement.compile(dialect=postgresql.dialect()))  # type: ignore[no-untyped-call]


async def _as_csv(rows: Iterator[Row]) -> AsyncIterator[bytes]:
    """None is an empty field without quotes: NULL."""
    while chunk := list(islice(rows, _CHUNK)):
        text = io.StringIO()
        csv.writer(text, lineterminator="\n").writerows(chunk)
        yield text.getvalue().encode()
