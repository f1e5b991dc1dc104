"""A streaming standby of a test's Postgres, whose replay can be held back."""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import asyncpg

from tests.support.postgres import PostgresServer, postgres_server


@dataclass
class Replicated:
    """A primary and its standby. While replay is paused, the standby's past is all that it knows."""

    primary: PostgresServer
    standby: PostgresServer

    async def pause(self) -> None:
        """Returns when replay stands still: the function alone only asks for it."""
        await self._on_standby("SELECT pg_wal_replay_pause()")
        still_going = "pg_get_wal_replay_pause_state() <> 'paused'"
        await self._on_standby(f"DO $$ BEGIN WHILE {still_going} LOOP PERFORM pg_sleep(0.01); END LOOP; END $$")

    async def resume(self) -> None:
        await self._on_standby("SELECT pg_wal_replay_resume()")

    async def catch_up(self) -> None:
        """Wait until the standby has replayed what the primary has written."""
        primary = await asyncpg.connect(self.primary.url())
        standby = await asyncpg.connect(self.standby.url())
        try:
            target = await primary.fetchval("SELECT pg_current_wal_insert_lsn()::text")
            for _ in range(400):
                if await standby.fetchval("SELECT pg_last_wal_replay_lsn() >= $1::text::pg_lsn", target):
                    return
                await standby.execute("SELECT pg_sleep(0.02)")
            raise AssertionError("the standby does not catch up")
        finally:
            await primary.close()
            await standby.close()

    async def _on_standby(self, statement: str) -> None:
        connection = await asyncpg.connect(self.standby.url())
        try:
            await connection.execute(statement)
        finally:
            await connection.close()


@contextmanager
def replicated_postgres() -> Iterator[Replicated]:
    """Two servers, the second one following the first."""
    with postgres_server() as primary:
        directory = Path(tempfile.mkdtemp(prefix="chatsvc-standby-", dir=primary.directory.parent))
        shutil.chown(directory, *((65534, 65534) if primary.directory.stat().st_uid == 65534 else (None, None)))
        standby = PostgresServer(directory)
        try:
            primary.run(
                "pg_basebackup", "-D", str(standby.data), "-R", "-X", "stream", "-c", "fast",
                "-h", "127.0.0.1", "-p", str(primary.port), "-U", "chatsvc",
            )  # fmt: skip
            standby.start()
            yield Replicated(primary, standby)
        finally:
            standby.stop()
            shutil.rmtree(directory, ignore_errors=True)
