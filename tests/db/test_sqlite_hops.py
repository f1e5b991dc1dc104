"""What a statement costs on SQLite: one hop to its connection's thread. And what goes together, on both databases."""

from collections.abc import Iterator
from typing import Any
from uuid import UUID

import aiosqlite
import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, IntegrityError

from chatsvc.db import Database, ReadSession, Statement, Together, Tx
from chatsvc.settings import Settings
from tests.db.counting import bump, open_counter, opened, value_of
from tests.support.databases import DatabaseKind

_PUT = Statement(
    "INSERT INTO rate_limits (key, full_at) {values:limits} ON CONFLICT (key) DO NOTHING RETURNING key",
    rows={"limits": {"key": "text", "full_at": "timestamptz"}},
)
_BUMP = Statement(
    "UPDATE conversation_counters SET next_seq = n.next_seq FROM {counters} AS n"
    " WHERE conversation_counters.conversation_id = n.id RETURNING conversation_counters.conversation_id",
    rows={"counters": {"id": "uuid", "next_seq": "bigint"}},
)
_TOGETHER = Together(put=_PUT, bumped=_BUMP)
_KEYS = Statement("SELECT key FROM rate_limits ORDER BY key")
MOMENT = "2026-11-23T03:20:19.123Z"


@pytest.fixture
def hops(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What goes to a thread, by the name of the function that is run there."""
    seen: list[str] = []
    true_way = aiosqlite.Connection._execute

    async def note(self: aiosqlite.Connection, function: Any, *arguments: Any, **options: Any) -> Any:
        seen.append(function.__name__)
        return await true_way(self, function, *arguments, **options)  # type: ignore[no-untyped-call]

    monkeypatch.setattr(aiosqlite.Connection, "_execute", note)
    return seen


@pytest.fixture
def sqlite_url(sqlite: DatabaseKind) -> Iterator[str]:
    with sqlite.fresh() as url:
        yield url


async def test_a_statement_is_one_hop_and_begin_goes_along(sqlite_url: str, hops: list[str]) -> None:
    async with opened(Settings(database_url=sqlite_url)) as db:
        counter = await db.execute(open_counter, None)
        await db.read(value_of, counter=counter)
        hops.clear()
        await db.execute(bump, counter)
        assert hops == ["_run", "_run", "commit"]
        hops.clear()
        await db.read(value_of, counter=counter)
        assert hops == ["_run", "rollback"]
        hops.clear()
        await _put(db, [("a", MOMENT)], [(counter, 9)])
        assert hops == ["_run", "commit"]


async def test_a_transaction_without_a_statement_costs_no_hop(sqlite_url: str, hops: list[str]) -> None:

    async def nothing(_: Any, _command: Any = None) -> None:
        return

    async with opened(Settings(database_url=sqlite_url)) as db:
        counter = await db.execute(open_counter, None)
        await db.read(value_of, counter=counter)
        hops.clear()
        await db.execute(nothing, None)
        await db.read(nothing)
        assert hops == []
        await db.execute(bump, counter)  # and leaves no BEGIN behind that a later statement would meet
        assert await db.read(value_of, counter=counter) == 2


async def _put(db: Database, limits: list[tuple[Any, ...]], counters: list[tuple[UUID, int]]) -> tuple[int, ...]:
    async def run(tx: Tx, _: None) -> tuple[int, ...]:
        (counts,) = await tx.rows(_TOGETHER, limits=limits, counters=counters)
        return tuple(counts)

    return await db.execute(run, None)


async def _keys(db: Database) -> list[str]:
    async def run(session: ReadSession) -> list[str]:
        return [row.key for row in await session.rows(_KEYS)]

    return await db.read(run)


async def test_what_goes_together_counts_what_each_part_did(db: Database) -> None:
    counter, other = await db.execute(open_counter, None), await db.execute(open_counter, None)
    assert await _put(db, [("a", MOMENT), ("b", MOMENT)], [(counter, 5)]) == (2, 1)
    assert await _put(db, [("b", MOMENT), ("c", MOMENT), ("a", MOMENT)], [(counter, 6), (other, 7)]) == (1, 2)
    assert await _put(db, [("a", MOMENT)], [(UUID(int=0), 8)]) == (0, 0)
    assert await _put(db, [], []) == (0, 0)
    assert await _keys(db) == ["a", "b", "c"]
    assert await db.read(value_of, counter=counter) == 6


async def test_an_error_in_a_part_leaves_nothing_of_the_others(db: Database) -> None:
    counter = await db.execute(open_counter, None)
    with pytest.raises(IntegrityError):
        await _put(db, [("a", MOMENT)], [(counter, 0)])  # below what a counter may be
    with pytest.raises(IntegrityError):
        await _put(db, [("a", MOMENT), (None, MOMENT)], [(counter, 5)])
    assert await _keys(db) == []
    assert await db.read(value_of, counter=counter) == 1
    assert await _put(db, [("a", MOMENT)], [(counter, 5)]) == (1, 1)


async def test_a_statement_of_many_rows_through_sqlalchemy_still_works(db: Database) -> None:
    async def run(tx: Tx, keys: list[str]) -> int:
        many = text("DELETE FROM rate_limits WHERE key = :key")
        done = await tx.connection.execute(many, [{"key": key} for key in keys])
        return int(done.rowcount)

    await _put(db, [("a", MOMENT), ("b", MOMENT), ("c", MOMENT)], [])
    assert await db.execute(run, ["a", "c", "nobody's"]) in (2, -1)  # asyncpg does not count them
    assert await _keys(db) == ["b"]


async def test_a_defect_in_a_statement_is_the_drivers_own_error(db: Database) -> None:
    async def run(tx: Tx, _: None) -> None:
        await tx.rows(Statement("SELECT nothing FROM nowhere"))

    with pytest.raises(DBAPIError):
        await db.execute(run, None)
    assert await _put(db, [("a", MOMENT)], []) == (1, 0)  # on the same connection
