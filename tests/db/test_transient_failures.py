"""What the database undid is done again as a whole; what may have been done is not."""

import asyncio
from uuid import UUID

import asyncpg
import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from chatsvc.db import Database, RunAgain, Tx
from chatsvc.errors import TryAgain
from chatsvc.ids import new_id
from chatsvc.settings import Settings
from chatsvc.tables import ConversationCounter
from tests.db.counting import LOCK, Announced, a_user, bump, open_counter, opened, value_of
from tests.support.databases import DatabaseKind


async def test_a_failed_attempt_leaves_nothing_and_only_the_successful_one_announces(settings: Settings) -> None:
    attempts: list[Tx] = []

    async def twice(tx: Tx, counter: UUID) -> int:
        attempts.append(tx)
        assert not tx.changed
        assert not tx.ended
        found = await bump(tx, counter)
        tx.session.add(a_user(counter, tx.now))  # a second one would be refused
        await tx.session.flush()
        if len(attempts) < 3:
            raise RunAgain
        return found

    async with opened(settings, announced := Announced()) as db:
        counter = await db.execute(open_counter, None)
        assert await db.execute(twice, counter) == 1
        assert await db.read(value_of, counter=counter) == 2
        assert db.counts.retries == {"run_again": 0, "lost": 0, "asked": 2}
    assert len({id(tx) for tx in attempts}) == 3
    assert announced.calls[1:] == [({counter}, set())]


async def test_running_again_without_end_is_try_again(settings: Settings) -> None:
    calls = 0

    async def never(tx: Tx, counter: UUID) -> None:
        nonlocal calls
        calls += 1
        await bump(tx, counter)
        raise RunAgain

    async with opened(settings, announced := Announced()) as db:
        counter = await db.execute(open_counter, None)
        with pytest.raises(TryAgain):
            await db.execute(never, counter)
        assert (calls, await db.read(value_of, counter=counter)) == (5, 1)
        assert db.counts.retries["asked"] == 4
    assert len(announced.calls) == 1


async def test_a_deadlock_ends_with_both_commands_done(postgres_database_url: str) -> None:
    name = postgres_database_url.rpartition("/")[2]
    await _sql(postgres_database_url, f"ALTER DATABASE {name} SET deadlock_timeout = '50ms'")
    met = asyncio.Barrier(2)
    attempts = 0

    async def in_order(tx: Tx, pair: tuple[UUID, UUID]) -> None:
        nonlocal attempts
        attempts += 1
        await tx.rows(LOCK, id=pair[0])
        if attempts <= 2:
            await met.wait()
        for counter in pair:
            await bump(tx, counter)

    async with opened(Settings(database_url=postgres_database_url), announced := Announced()) as db:
        one, other = await db.execute(open_counter, None), await db.execute(open_counter, None)
        announced.calls.clear()
        await asyncio.gather(db.execute(in_order, (one, other)), db.execute(in_order, (other, one)))
        assert attempts == 3
        assert [await db.read(value_of, counter=counter) for counter in (one, other)] == [3, 3]
    assert announced.calls == [({one, other}, set())] * 2


async def test_a_serialization_failure_is_run_again(postgres_database_url: str) -> None:
    calls = 0

    async def fail_once(tx: Tx, counter: UUID) -> int:
        nonlocal calls
        calls += 1
        found = await bump(tx, counter)
        if calls == 1:
            await tx.connection.execute(text("DO $$ BEGIN RAISE EXCEPTION 'x' USING ERRCODE = '40001'; END $$"))
        return found

    async with opened(Settings(database_url=postgres_database_url)) as db:
        counter = await db.execute(open_counter, None)
        assert await db.execute(fail_once, counter) == 1
        assert (calls, await db.read(value_of, counter=counter)) == (2, 2)
        assert (db.counts.retries["run_again"], db.counts.failures["primary", "run_again"]) == (1, 1)


async def test_a_column_type_changed_by_a_migration_is_no_error_to_a_running_server(postgres_database_url: str) -> None:
    """Each pooled connection has prepared statements that the change made stale."""
    async with opened(Settings(database_url=postgres_database_url)) as db:
        counter = await db.execute(open_counter, None)
        await asyncio.gather(*(db.execute(bump, counter) for _ in range(5)))
        await _sql(postgres_database_url, "ALTER TABLE conversation_counters ALTER COLUMN next_seq TYPE integer")
        assert sorted(await asyncio.gather(*(db.execute(bump, counter) for _ in range(5)))) == [6, 7, 8, 9, 10]
        assert await db.read(value_of, counter=counter) == 11


async def test_an_error_that_a_handler_swallows_never_passes_for_a_commit(db: Database) -> None:
    """Postgres answers the COMMIT of a failed transaction with a rollback, and no error."""

    async def careless(tx: Tx, counter: UUID) -> None:
        await bump(tx, counter)
        try:
            await tx.connection.execute(text("INSERT INTO service_state (id) VALUES (2)"))
        except IntegrityError:  # the mistake under test
            return

    counter = await db.execute(open_counter, None)
    with pytest.raises(RuntimeError, match="nothing was committed"):
        await db.execute(careless, counter)
    assert await db.read(value_of, counter=counter) == 1
    assert [await db.execute(bump, counter) for _ in range(3)] == [1, 2, 3]


async def test_a_refused_commit_leaves_no_open_transaction_to_the_next_command(sqlite: DatabaseKind) -> None:
    """SQLite keeps the transaction open, and the next BEGIN would fail."""

    async def refused(tx: Tx, _: None) -> None:
        await tx.connection.execute(text("PRAGMA defer_foreign_keys=ON"))
        tx.session.add(ConversationCounter(conversation_id=new_id(), next_seq=1))

    with sqlite.fresh() as url:
        async with opened(Settings(database_url=url)) as db:
            counter = await db.execute(open_counter, None)
            with pytest.raises(IntegrityError):
                await db.execute(refused, None)
            assert [await db.execute(bump, counter) for _ in range(2)] == [1, 2]


async def test_a_failing_announcement_does_not_run_a_committed_command_again(settings: Settings) -> None:
    def broken(**_: object) -> None:
        raise ConnectionResetError

    async with opened(settings) as quiet:
        counter = await quiet.execute(open_counter, None)
    async with opened(settings, broken) as db:
        assert await db.execute(bump, counter) == 1
        assert await db.read(value_of, counter=counter) == 2


async def _sql(url: str, statement: str) -> None:
    connection = await asyncpg.connect(url)
    try:
        await connection.execute(statement)
    finally:
        await connection.close()
