"""SQLite: one writer connection with BEGIN IMMEDIATE, a pool of readers that cannot write.

The driver's own BEGIN is off: with it 30 of 40 concurrent increments were lost. A deferred BEGIN that a write upgrades
fails at once whatever busy_timeout says. The writer's pool of one is a fair queue instead of polling for the lock.
"""

import asyncio
import os
import sqlite3
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

import aiosqlite
from sqlalchemy import URL, Connection, event
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.util import await_only

from chatsvc.db.sqlite_hops import OneHopDriver

_WAL_LIMIT_BYTES = 64 * 1024 * 1024
_WAL_LONG_BYTES = 8 * 1024 * 1024
_CHECKPOINT_PATIENCE_MS = 250
_POOL_WAIT_SECONDS = 10


def make_private_file(path: Path) -> None:
    """Make the file and its directory, for their owner alone, where there is none.

    One that is there is never opened: closing it again would drop every lock that SQLite holds on it in this process
    (sqlite.org/howtocorrupt.html, section 2.2), and the next process to close it would throw the log away under us.
    """
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with suppress(FileExistsError):
        os.close(os.open(path.resolve(), os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600))


def sqlite_engine(path: Path, *, read_only: bool, readers: int, lock_timeout_seconds: float) -> AsyncEngine:
    """An engine on one file. `readers` bounds the pool of the read-only one."""
    engine = create_async_engine(
        URL.create("sqlite+aiosqlite", database=str(path)),  # a path may hold what means something in a URL
        module=OneHopDriver(),
        connect_args={"isolation_level": None},
        hide_parameters=True,  # errors go into the log
        pool_size=readers if read_only else 1,
        max_overflow=0,
        pool_timeout=_POOL_WAIT_SECONDS,
        pool_use_lifo=True,  # each connection fills a cache of its own: few of them are kept warm
    )

    @event.listens_for(engine.sync_engine, "do_connect")
    def _keep_private(*_: object) -> None:
        make_private_file(path)  # SQLite would make it readable for everybody

    @event.listens_for(engine.sync_engine, "connect")
    def _set_pragmas(connection: Any, _record: object) -> None:
        cursor = connection.cursor()
        cursor.execute(f"PRAGMA busy_timeout={int(lock_timeout_seconds * 1000)}")
        if read_only:
            cursor.execute("PRAGMA query_only=1")
            # Of each reader; the kernel keeps the file itself, and to copy a page from it costs a microsecond.
            cursor.execute("PRAGMA cache_size=-512")
        else:
            # FULL, not NORMAL: an answer means that it is on disk, and NORMAL may un-commit after a power loss.
            if not _write_ahead_log(cursor, lock_timeout_seconds):
                raise RuntimeError(f"{path} cannot use a write-ahead log: is it on a network file system?")
            cursor.execute(f"PRAGMA journal_size_limit={_WAL_LIMIT_BYTES}")
        cursor.execute("PRAGMA synchronous=FULL")
        cursor.execute("PRAGMA foreign_keys=ON")
        cursor.close()

    @event.listens_for(engine.sync_engine, "begin")
    def _begin(connection: Connection) -> None:
        driver: Any = connection.connection.dbapi_connection
        driver.opening = "BEGIN" if read_only else "BEGIN IMMEDIATE"

    return engine


async def truncate_write_ahead_log(path: Path, *, from_bytes: int = _WAL_LONG_BYTES) -> bool:
    """Fold the log into the file and begin it anew, if it is long; tells whether it was done.

    Commands wait meanwhile, and so it gives up soon when readers do not end.
    """
    log = path.with_name(path.name + "-wal")
    if not log.exists() or log.stat().st_size < from_bytes:
        return False
    async with aiosqlite.connect(path, isolation_level=None) as connection:
        await connection.execute(f"PRAGMA busy_timeout={_CHECKPOINT_PATIENCE_MS}")
        async with connection.execute("PRAGMA wal_checkpoint(TRUNCATE)") as cursor:
            row = await cursor.fetchone()
    return row is not None and row[0] == 0


def _write_ahead_log(cursor: Any, patience_seconds: float) -> bool:
    """Switch to it, once in a file's life. busy_timeout does not cover two connections that do so at once."""
    give_up = time.monotonic() + patience_seconds
    while True:
        try:
            cursor.execute("PRAGMA journal_mode=WAL")
            return bool(cursor.fetchone()[0] == "wal")
        except sqlite3.OperationalError as error:
            if not error.sqlite_errorname.startswith("SQLITE_BUSY") or time.monotonic() > give_up:
                raise
        await_only(asyncio.sleep(0.01))
