"""Closing waits for what runs, and leaves nothing open."""

import asyncio
from uuid import UUID

import asyncpg

from chatsvc.db import Tx
from chatsvc.db.urls import parse_database_url
from chatsvc.settings import Settings
from tests.db.counting import bump, open_counter, opened, value_of


async def test_closing_waits_for_work_whose_caller_is_gone(settings: Settings) -> None:
    reached = asyncio.Event()

    async def slow(tx: Tx, counter: UUID) -> None:
        reached.set()
        await asyncio.sleep(0.05)
        await bump(tx, counter)

    async with opened(settings) as db:
        counter = await db.execute(open_counter, None)
        caller = asyncio.create_task(db.execute(slow, counter))
        await reached.wait()
        caller.cancel()
    async with opened(settings) as db:
        assert await db.read(value_of, counter=counter) == 2


async def test_a_closed_database_holds_no_connection(settings: Settings, database_url: str) -> None:
    async with opened(settings) as db:
        counter = await db.execute(open_counter, None)
        work = [db.execute(bump, counter) for _ in range(5)], [db.read(value_of, counter=counter) for _ in range(5)]
        await asyncio.gather(*work[0], *work[1])
        assert await _is_open(database_url)
    for _ in range(50):  # a backend takes a moment to notice
        if not await _is_open(database_url):
            return
        await asyncio.sleep(0.02)
    raise AssertionError("a connection is still there")


async def _is_open(database_url: str) -> bool:
    """The last connection that leaves an SQLite file takes its log with it."""
    if path := parse_database_url(database_url).path:
        return path.with_name(path.name + "-wal").exists()
    connection = await asyncpg.connect(database_url)
    try:
        ours = "application_name = 'chatsvc' AND datname = current_database()"
        return bool(await connection.fetchval(f"SELECT count(*) FROM pg_stat_activity WHERE {ours}"))
    finally:
        await connection.close()
