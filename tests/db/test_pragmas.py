"""The modes that the promises rest on, read back from the databases."""

from pathlib import Path
from urllib.parse import quote

import asyncpg
import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from chatsvc.db import Database, ReadSession, Tx
from chatsvc.settings import Settings
from tests.db.counting import opened
from tests.support.databases import DatabaseKind


async def _in_command(tx: Tx, sql: str) -> object:
    return await _one(tx.connection, sql)


async def _in_query(session: ReadSession, *, sql: str) -> object:
    return await _one(session.connection, sql)


async def _one(connection: AsyncConnection, sql: str) -> object:
    return (await connection.execute(text(sql))).scalar_one()


class TestSqlite:
    @pytest.fixture
    def kind(self, sqlite: DatabaseKind) -> DatabaseKind:
        return sqlite

    async def test_the_writer_is_durable_and_holds_references(self, db: Database) -> None:
        pragmas = ("journal_mode", "synchronous", "foreign_keys", "query_only", "busy_timeout")
        assert [await db.execute(_in_command, f"PRAGMA {name}") for name in pragmas] == ["wal", 2, 1, 0, 300]
        assert await db.execute(_in_command, "PRAGMA journal_size_limit") == 64 * 1024 * 1024

    async def test_readers_cannot_write(self, db: Database) -> None:
        pragmas = ("journal_mode", "foreign_keys", "query_only", "busy_timeout")
        assert [await db.read(_in_query, sql=f"PRAGMA {name}") for name in pragmas] == ["wal", 1, 1, 300]

    async def test_a_file_of_any_name_is_made_for_its_owner_alone(self, tmp_path: Path) -> None:
        path = tmp_path / "new" / "100%41?mode=memory#.db"
        async with opened(Settings(database_url=f"sqlite:///{quote(str(path))}")) as db:
            assert await db.read(_in_query, sql="SELECT 1") == 1
            assert await db.execute(_in_command, "SELECT 1") == 1
            made = sorted(found for found in tmp_path.rglob("*") if found.is_file())  # noqa: ASYNC240
            assert [found.name.removeprefix(path.name) for found in made] == ["", "-shm", "-wal"]
            assert not any(found.stat().st_mode & 0o077 for found in (*made, path.parent))


class TestPostgres:
    @pytest.fixture
    def kind(self, postgresql: DatabaseKind) -> DatabaseKind:
        return postgresql

    async def test_a_command_reads_what_is_committed_and_a_query_one_snapshot(self, db: Database) -> None:
        for name, in_command, in_query in (
            ("transaction_isolation", "read committed", "repeatable read"),
            ("transaction_read_only", "off", "on"),
        ):
            assert await db.execute(_in_command, f"SHOW {name}") == in_command
            assert await db.read(_in_query, sql=f"SHOW {name}") == in_query

    @pytest.mark.parametrize("pgbouncer", [False, True])
    async def test_nothing_waits_for_ever(self, database_url: str, *, pgbouncer: bool) -> None:
        settings = Settings(
            database_url=database_url, pgbouncer=pgbouncer, statement_timeout_seconds=7, lock_timeout_seconds=3.5
        )
        wanted = {
            "statement_timeout": "7s",
            "lock_timeout": "3500ms",
            "idle_in_transaction_session_timeout": "14s",
        }
        async with opened(settings) as db:
            for name, value in wanted.items():
                assert await db.execute(_in_command, f"SHOW {name}") == value
                assert await db.read(_in_query, sql=f"SHOW {name}") == value

    @pytest.mark.parametrize("pgbouncer", [False, True])
    @pytest.mark.parametrize(
        ("role_has", "command_has"),
        [("off", "on"), ("local", "local"), ("on", "on"), ("remote_write", "remote_write"), ("remote_apply",) * 2],
    )
    async def test_a_commit_is_on_disk_whatever_was_switched_off_for_the_database(
        self, database_url: str, role_has: str, command_has: str, *, pgbouncer: bool
    ) -> None:
        name = database_url.rpartition("/")[2]
        admin = await asyncpg.connect(database_url)
        await admin.execute(f"ALTER DATABASE {name} SET synchronous_commit = '{role_has}'")
        await admin.close()
        async with opened(Settings(database_url=database_url, pgbouncer=pgbouncer)) as db:
            assert await db.execute(_in_command, "SHOW synchronous_commit") == command_has

    async def test_behind_pgbouncer_nothing_is_left_on_the_connection(self, database_url: str) -> None:
        """The same backend may serve another client next: what we set ends with the transaction."""
        async with opened(Settings(database_url=database_url, pgbouncer=True)) as db:
            connection = await db.engines.writer.connect()
            driver = (await connection.get_raw_connection()).driver_connection
            assert driver is not None
            await connection.begin()
            assert await driver.fetchval("SHOW statement_timeout") == "10s"
            await connection.commit()
            assert await driver.fetchval("SHOW statement_timeout") == "0"
            assert (
                await driver.fetchval("SELECT count(*) FROM pg_prepared_statements WHERE name LIKE '\\_\\_asyncpg%'")
                == 0
            )
            await connection.close()
