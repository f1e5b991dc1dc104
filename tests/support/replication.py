"""A streaming standby of a test's Postgres: its replay can be held back, and it can take the primary's place."""

import asyncio
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import asyncpg

from tests.support.postgres import USER, PostgresServer, postgres_server


@dataclass
class Replicated:
    """A primary and its standby. While replay is paused, the standby's past is all that it knows."""

    primary: PostgresServer
    standby: PostgresServer

    def url(self, database: str) -> str:
        """Of both: whoever connects looks for the one that is the primary."""
        one, other = sorted((self.primary.port, self.standby.port))
        return f"postgresql://{USER}@127.0.0.1:{one},127.0.0.1:{other}/{database}"

    async def commit_on_both(self) -> None:
        """From now on an answer waits until the standby has it, too."""
        primary = await asyncpg.connect(self.primary.url())
        try:
            await primary.execute("ALTER SYSTEM SET synchronous_standby_names = '*'")
            await primary.execute("SELECT pg_reload_conf()")
            for _ in range(400):
                if await primary.fetchval("SELECT count(*) FROM pg_stat_replication WHERE sync_state = 'sync'"):
                    return
                await primary.execute("SELECT pg_sleep(0.02)")
            raise AssertionError("the standby does not become synchronous")
        finally:
            await primary.close()

    def promote(self) -> None:
        """The standby takes the place of the primary, which is dead."""
        assert self.primary.process is None
        self.standby.run("pg_ctl", "promote", "-w", "-D", str(self.standby.data))
        self.primary, self.standby = self.standby, self.primary

    async def follow_again(self) -> None:
        """Whatever the standby held is thrown away: it begins with a copy of the primary, which waits for nobody."""
        primary = await asyncpg.connect(self.primary.url())
        try:
            await primary.execute("ALTER SYSTEM RESET synchronous_standby_names")
            await primary.execute("SELECT pg_reload_conf()")
        finally:
            await primary.close()
        await asyncio.to_thread(self.copy)

    def copy(self) -> None:
        self.standby.stop()
        shutil.rmtree(self.standby.data, ignore_errors=True)
        self.primary.run(
            "pg_basebackup", "-D", str(self.standby.data), "-R", "-X", "stream", "-c", "fast",
            "-h", "127.0.0.1", "-p", str(self.primary.port), "-U", USER,
        )  # fmt: skip
        self.standby.start()

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
        both = Replicated(primary, standby)
        try:
            both.copy()
            yield both
        finally:
            standby.stop()
            shutil.rmtree(directory, ignore_errors=True)
