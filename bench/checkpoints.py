"""Checkpoints, as both databases make them by themselves from time to time: here when a figure asks for one."""

import asyncio
import sqlite3
from contextlib import closing

import asyncpg


def checkpoint(url: str) -> None:
    """Everything that was committed so far is in the files of the tables when this returns."""
    if url.startswith("sqlite:///"):
        with closing(sqlite3.connect(url.removeprefix("sqlite:///"), timeout=30)) as connection:
            connection.execute("PRAGMA wal_checkpoint(PASSIVE)")
        return

    async def run() -> None:
        connection = await asyncpg.connect(url)
        try:
            await connection.execute("CHECKPOINT")
        finally:
            await connection.close()

    asyncio.run(run())
