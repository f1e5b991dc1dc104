"""A real streaming replica that falls behind: its lag is known, bounded, and not believed from the replica alone."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path

import asyncpg
import pytest

from chatsvc.commands.new_epoch import new_epoch
from chatsvc.db import Database, ReadSession
from chatsvc.db.engines import make_engines
from chatsvc.settings import Settings
from tests.support.databases import DatabaseKind, postgres_kind
from tests.support.replication import Replicated, replicated_postgres
from tests.support.service import running_service, service_settings

MAX_LAG = 1.0


@pytest.fixture(scope="module")
def servers() -> Iterator[Replicated]:
    with replicated_postgres() as both:
        yield both


@pytest.fixture(scope="module")
def kind(servers: Replicated) -> DatabaseKind:
    return postgres_kind(servers.primary.url(), "lag")


@pytest.fixture
async def settings(servers: Replicated, database_url: str, data_dir: Path) -> Settings:
    await servers.catch_up()
    reading = servers.standby.url(database_url.rpartition("/")[2])
    return service_settings(database_url, data_dir, read_database_url=reading)


@pytest.fixture
async def db(settings: Settings) -> AsyncIterator[Database]:
    """Nothing measures but the test."""
    database = Database(make_engines(settings), replica_max_lag_seconds=MAX_LAG)
    yield database
    await database.close()


async def on_replica(session: ReadSession) -> bool:
    return session.on_replica


async def measured_until(db: Database, wanted: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 20
    while not wanted():
        assert time.monotonic() < deadline
        await db.measure_replica()


@asynccontextmanager
async def paused(servers: Replicated) -> AsyncIterator[None]:
    await servers.pause()
    try:
        yield
    finally:
        await servers.resume()


@asynccontextmanager
async def cut_off(servers: Replicated) -> AsyncIterator[None]:
    """It has replayed all that it received, and says so."""

    receives = "EXISTS (SELECT FROM pg_stat_wal_receiver)"
    connection = await asyncpg.connect(servers.standby.url())
    try:
        primary = await connection.fetchval("SELECT quote_literal(current_setting('primary_conninfo'))")
        await connection.execute("ALTER SYSTEM SET wal_retrieve_retry_interval = '50ms'")
        await connection.execute("ALTER SYSTEM SET primary_conninfo = ''")
        await connection.execute("SELECT pg_reload_conf()")
        await connection.execute(f"DO $$ BEGIN WHILE {receives} LOOP PERFORM pg_sleep(0.01); END LOOP; END $$")
        yield
    finally:
        await connection.execute(f"ALTER SYSTEM SET primary_conninfo = {primary}")
        await connection.execute("SELECT pg_reload_conf()")
        await connection.close()


@pytest.mark.parametrize("behind", [paused, cut_off])
async def test_a_replica_that_is_too_late_is_passed_over_until_it_has_caught_up(
    db: Database, servers: Replicated, behind: Callable[[Replicated], AbstractAsyncContextManager[None]]
) -> None:
    assert db.replica.lag_seconds is None
    assert not await db.read(on_replica)  # not measured yet
    await measured_until(db, lambda: not db.replica.is_late)
    assert await db.read(on_replica)
    async with behind(servers):
        await db.execute(new_epoch, None)
        await measured_until(db, lambda: db.replica.is_late)
        assert not await db.read(on_replica)
        for _ in range(3):  # and it stays so
            await db.measure_replica()
            assert db.replica.is_late
    await measured_until(db, lambda: not db.replica.is_late)
    assert await db.read(on_replica)


async def test_an_idle_primary_leaves_its_replica_in_use(db: Database, servers: Replicated) -> None:
    await servers.catch_up()
    await measured_until(db, lambda: not db.replica.is_late)
    started = time.monotonic()
    while time.monotonic() < started + 1.2 * MAX_LAG:
        await db.measure_replica()
        before = time.monotonic()
        if db.replica.is_late:
            pytest.fail(f"{db.replica.lag_seconds} s late, {time.monotonic() - before} s after it was asked")


async def test_a_server_measures_by_itself_and_goes_on_when_the_replica_is_away(
    settings: Settings, servers: Replicated
) -> None:
    async with running_service(settings) as service:
        db = service.inside.db
        await until(lambda: not db.replica.is_late)
        assert await db.read(on_replica)
        await asyncio.to_thread(servers.standby.stop)
        assert not await db.read(on_replica)
        await until(lambda: (db.replica.lag_seconds or 0) > 2 * MAX_LAG)
        await asyncio.to_thread(servers.standby.start)
        await until(lambda: (db.replica.lag_seconds or 9) < 2 * MAX_LAG)


async def until(true: Callable[[], bool]) -> None:
    for _ in range(400):
        if true():
            return
        await asyncio.sleep(0.05)
    raise AssertionError("it does not come to be")
