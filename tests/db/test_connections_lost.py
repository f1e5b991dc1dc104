"""Backends are killed, servers go and come: callers see nothing of it, or `try_again` soon, and never a second run."""

import asyncio
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from uuid import UUID

import asyncpg
import pytest

from chatsvc.db import Database, ReadSession, Statement, Tx
from chatsvc.errors import TryAgain
from chatsvc.settings import Settings
from tests.db.counting import LOCK, Announced, bump, open_counter, opened, value_of
from tests.support.databases import DatabaseKind, postgres_kind
from tests.support.postgres import PostgresServer, postgres_server

KILL = (
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
    " WHERE application_name = 'chatsvc' AND datname = current_database()"
)
SLEEP = Statement("SELECT pg_sleep(:seconds)", columns={"pg_sleep": "text"})


@pytest.fixture(scope="module")
def server() -> Iterator[PostgresServer]:
    """A server of this file's own, to be stopped."""
    with postgres_server() as running:
        yield running


@pytest.fixture(scope="module")
def kind(server: PostgresServer, worker: str) -> DatabaseKind:
    return postgres_kind(server.url(), worker)


@asynccontextmanager
async def admin(url: str) -> AsyncIterator[asyncpg.Connection]:
    connection = await asyncpg.connect(url)
    try:
        yield connection
    finally:
        await connection.close()


async def kill_ours(url: str) -> int:
    async with admin(url) as connection:
        return len(await connection.fetch(KILL))


async def warm(db: Database, counter: UUID, connections: int = 5) -> None:
    """Leave several idle connections in the pools."""

    async def slow(session: ReadSession) -> None:
        await session.rows(SLEEP, seconds=0.02)

    async def slow_command(tx: Tx, _: UUID) -> None:
        await tx.rows(SLEEP, seconds=0.02)

    await asyncio.gather(
        *(db.read(slow) for _ in range(connections)), *(db.execute(slow_command, counter) for _ in range(connections))
    )


@pytest.mark.parametrize("ping_after", [0.0, 60.0])
@pytest.mark.parametrize("pause", [0.0, 0.02])
async def test_killed_idle_connections_are_replaced_unnoticed(
    database_url: str, ping_after: float, pause: float
) -> None:
    settings = Settings(database_url=database_url, ping_after_idle_seconds=ping_after)
    async with opened(settings) as db:
        counter = await db.execute(open_counter, None)
        for killings in range(1, 4):
            await warm(db, counter)
            assert await kill_ours(database_url) > 2
            await asyncio.sleep(pause)  # with none, the client has not heard of it yet
            await asyncio.gather(*(db.execute(bump, counter) for _ in range(3)))
            assert (
                await asyncio.gather(*(db.read(value_of, counter=counter) for _ in range(5))) == [1 + 3 * killings] * 5
            )


async def test_a_stopped_server_is_try_again_soon_and_all_is_well_when_it_is_back(
    database_url: str, server: PostgresServer
) -> None:
    async with opened(Settings(database_url=database_url)) as db:
        counter = await db.execute(open_counter, None)
        await warm(db, counter)
        server.stop()
        try:
            started = time.monotonic()
            with pytest.raises(TryAgain):
                await db.execute(bump, counter)
            with pytest.raises(TryAgain):
                await db.read(value_of, counter=counter)
            assert time.monotonic() - started < 4
        finally:
            server.start()
        assert await db.execute(bump, counter) == 1
        assert await db.read(value_of, counter=counter) == 2


async def test_a_connection_lost_during_the_commit_is_not_run_again(database_url: str) -> None:
    calls = 0

    async def once(tx: Tx, counter: UUID) -> None:
        nonlocal calls
        calls += 1
        await bump(tx, counter)

    async with opened(Settings(database_url=database_url), announced := Announced()) as db, admin(database_url) as root:
        counter = await db.execute(open_counter, None)
        await root.execute(
            "CREATE FUNCTION slow() RETURNS trigger LANGUAGE plpgsql AS"
            " $$ BEGIN PERFORM pg_sleep(5); RETURN NULL; END $$;"
            "CREATE CONSTRAINT TRIGGER slow AFTER UPDATE ON conversation_counters DEFERRABLE INITIALLY DEFERRED"
            " FOR EACH ROW EXECUTE FUNCTION slow()"
        )
        waiting = asyncio.create_task(db.execute(once, counter))
        while not await root.fetch(f"{KILL} AND query LIKE 'COMMIT%' AND state = 'active'"):  # noqa: ASYNC110
            await asyncio.sleep(0.01)
        with pytest.raises(TryAgain):
            await waiting
        await root.execute("DROP TRIGGER slow ON conversation_counters")
        assert calls == 1
        assert len(announced.calls) == 1
        assert (db.counts.failures["primary", "commit_unknown"], db.counts.retries["lost"]) == (1, 0)
        assert await db.execute(bump, counter) == 1


async def test_a_connection_lost_before_the_commit_is_run_again_and_counts_once(database_url: str) -> None:
    calls = 0

    async def killed_once(tx: Tx, counter: UUID) -> int:
        nonlocal calls
        calls += 1
        await tx.rows(LOCK, id=counter)
        if calls == 1:
            await kill_ours(database_url)
        return await bump(tx, counter)

    async with opened(Settings(database_url=database_url), announced := Announced()) as db:
        counter = await db.execute(open_counter, None)
        assert await db.execute(killed_once, counter) == 1
        assert await db.read(value_of, counter=counter) == 2
        assert (db.counts.failures["primary", "lost"], db.counts.retries["lost"]) == (1, 1)
    assert calls == 2
    assert announced.calls[1:] == [({counter}, set())]
