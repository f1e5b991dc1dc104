"""The write-ahead log of SQLite is kept short."""

import asyncio
from pathlib import Path

from sqlalchemy import text

from chatsvc.db import Database, ReadSession, Tx
from chatsvc.db.engines import make_engines
from chatsvc.db.sqlite import truncate_write_ahead_log
from chatsvc.settings import Settings
from tests.support.databases import DatabaseKind


async def _write(tx: Tx, number: int) -> None:
    row = {"key": f"k{number}", "at": "2026-01-01T00:00:00.000Z"}
    await tx.connection.execute(text("INSERT INTO rate_limits (key, full_at) VALUES (:key, :at)"), row)


async def _read(session: ReadSession) -> int:
    found = await session.connection.execute(text("SELECT count(*) FROM rate_limits"))
    await asyncio.sleep(0.005)
    return int(found.scalar_one())


async def test_the_log_begins_anew_although_readers_overlap(sqlite: DatabaseKind) -> None:
    with sqlite.fresh() as url:
        path = Path(url.removeprefix("sqlite:///"))
        log = path.with_name(path.name + "-wal")
        db = Database(make_engines(Settings(database_url=url)))
        stop = asyncio.Event()

        async def keep_reading() -> None:
            while not stop.is_set():
                await db.read(_read)

        readers = [asyncio.create_task(keep_reading()) for _ in range(4)]
        for number in range(40):
            await db.execute(_write, number)
        assert log.stat().st_size > 100_000
        assert not await truncate_write_ahead_log(path)  # not long enough to be worth it
        done = [await truncate_write_ahead_log(path, from_bytes=1) for _ in range(5)]
        assert any(done)
        assert log.stat().st_size < 100_000
        stop.set()
        await asyncio.gather(*readers)
        assert await db.read(_read) == 40
        await db.close()
