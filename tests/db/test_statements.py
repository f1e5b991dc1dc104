"""One SQL text, two databases, the same answers."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy.exc import DBAPIError, IntegrityError

from chatsvc.db import Database, ReadSession, Statement, Tx, kinds_of
from chatsvc.ids import new_id
from chatsvc.tables import Message, ServiceState
from tests.db.counting import held_by_another, open_counter

MOMENT = datetime(2026, 11, 23, 3, 20, 19, 123_000, UTC)


async def test_rows_join_with_tables_and_typed_parameters(db: Database) -> None:
    counter = await db.execute(open_counter, None)
    joined = Statement(
        "SELECT c.conversation_id, c.next_seq + k.n AS total, u.created_at FROM {keys} AS k"
        " JOIN conversation_counters c ON c.conversation_id = k.id"
        " JOIN conversations u ON u.id = c.conversation_id WHERE u.created_at <= :now AND c.conversation_id <> :other"
        " ORDER BY c.conversation_id {lock:c}",
        parameters={"now": "timestamptz", "other": "uuid"},
        rows={"keys": {"id": "uuid", "n": "bigint"}},
        columns={"conversation_id": "uuid", "total": "bigint", "created_at": "timestamptz"},
    )

    async def run(tx: Tx, _: None) -> list[tuple[Any, ...]]:
        keys = [(counter, 41), (new_id(), 1)]
        return [tuple(row) for row in await tx.rows(joined, keys=keys, now=tx.now, other=new_id())]

    ((found, total, created),) = await db.execute(run, None)
    assert (found, total) == (counter, 42)
    assert created.tzinfo is UTC


async def test_a_statement_without_rows_gives_none(db: Database) -> None:
    nothing = Statement("DELETE FROM rate_limits WHERE key = :key", parameters={"key": "text"})

    async def run(tx: Tx, _: None) -> int:
        return len(await tx.rows(nothing, key="x"))

    assert await db.execute(run, None) == 0


async def test_inserted_rows_come_back_in_their_kinds(db: Database) -> None:
    insert = Statement(
        "INSERT INTO rate_limits (key, full_at) SELECT t.key, t.at FROM {items} AS t WHERE true"
        " ON CONFLICT (key) DO NOTHING RETURNING key, full_at",
        rows={"items": {"key": "text", "at": "timestamptz"}},
        columns={"key": "text", "full_at": "timestamptz"},
    )

    async def run(tx: Tx, rows: list[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
        return sorted(tuple(row) for row in await tx.rows(insert, items=rows))

    assert await db.execute(run, [("a", MOMENT), ("b", MOMENT)]) == [("a", MOMENT), ("b", MOMENT)]
    assert await db.execute(run, [("b", MOMENT), ("c", MOMENT)]) == [("c", MOMENT)]


async def test_an_error_repeats_nothing_of_what_was_stored(db: Database) -> None:
    """It goes into the log."""
    bad = Statement("INSERT INTO rate_limits (key) VALUES (:key)", parameters={"key": "text"})

    async def run(tx: Tx, secret: str) -> None:
        await tx.rows(bad, key=secret)

    with pytest.raises(IntegrityError) as failed:
        await db.execute(run, "hunter2")
    assert "hunter2" not in f"{failed.value} {failed.value!r}"


async def test_a_value_of_the_wrong_type_is_a_defect_not_try_again(db: Database) -> None:
    number = Statement("SELECT CAST(:n AS bigint) AS n", parameters={"n": "bigint"})

    async def run(session: ReadSession) -> None:
        await session.rows(number, n=2**70)

    with pytest.raises((DBAPIError, OverflowError)):
        await db.read(run)


async def test_free_rows_are_those_that_nobody_holds(db: Database, database_url: str) -> None:
    """On SQLite nobody else can be in a transaction, so that all are free."""
    free = Statement(
        "SELECT c.conversation_id FROM conversation_counters c {free:c}", columns={"conversation_id": "uuid"}
    )

    async def run(tx: Tx, _: None) -> set[UUID]:
        return {row.conversation_id for row in await tx.rows(free)}

    counters = {await db.execute(open_counter, None) for _ in range(2)}
    assert await db.execute(run, None) == counters
    if db.engines.writer.dialect.name == "postgresql":
        held = counters.pop()
        async with held_by_another(database_url, held):
            assert await db.execute(run, None) == counters


def test_the_kinds_of_a_table_are_those_of_its_columns() -> None:
    assert kinds_of(Message) == {
        "id": "uuid",
        "conversation_id": "uuid",
        "sender_id": "uuid",
        "client_message_id": "text",
        "seq": "bigint",
        "content": "text",
        "created_at": "timestamptz",
    }
    state = {"id": "bigint", "sync_epoch": "uuid", "moved_at": "timestamptz", "oldest_code": "text"}
    assert kinds_of(ServiceState) == state
