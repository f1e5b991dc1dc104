"""On Postgres a migration waits for whoever reads a table for long, and nobody has to wait for the migration."""

import asyncio
from collections.abc import Callable

import asyncpg
import pytest

from chatsvc.db import schema
from chatsvc.db.urls import DatabaseUrl
from tests.migrations.conftest import MigrateTo
from tests.migrations.test_migrations import looked_at
from tests.support.databases import DatabaseKind

USERS_THEN_CONVERSATIONS = """
op.add_column("users", sa.Column("colour", sa.Text(), nullable=True))
op.add_column("conversations", sa.Column("colour", sa.Text(), nullable=True))
"""
WAITS = "EXISTS (SELECT FROM pg_locks WHERE NOT granted AND relation = 'conversations'::regclass)"
UNTIL_SOMEBODY_WAITS = f"DO $$ BEGIN WHILE NOT {WAITS} LOOP PERFORM pg_sleep(0.01); END LOOP; END $$"


@pytest.fixture(scope="session")
def kind(postgresql: DatabaseKind) -> DatabaseKind:
    """On SQLite readers wait for nobody."""
    return postgresql


async def test_a_long_reader_is_waited_for_and_requests_pass_between(
    url: DatabaseUrl, with_revision: Callable[..., MigrateTo], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(schema, "_LOCK_SECONDS", 0.2)
    monkeypatch.setattr(schema, "_PAUSE_SECONDS", 0.2)
    reader, request = await asyncpg.connect(url.dsn), await asyncpg.connect(url.dsn)
    async with reader.transaction():
        await reader.execute("SELECT FROM users")
        to = with_revision('op.add_column("users", sa.Column("colour", sa.Text(), nullable=True))')
        migrating = asyncio.create_task(to("next"))
        for _ in range(20):
            await request.execute("SELECT FROM users", timeout=5)  # behind the migration it waits for one attempt
            await asyncio.sleep(0.05)
            assert not migrating.done()
    await migrating
    assert await looked_at(url, "SELECT version_num FROM alembic_version") == ["next"]
    for connection in (reader, request):
        await connection.close()


async def test_a_request_that_took_the_tables_the_other_way_round_is_waited_for(
    url: DatabaseUrl, with_revision: Callable[..., MigrateTo], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(schema, "_LOCK_SECONDS", 5)  # so that Postgres finds the deadlock, after a second
    monkeypatch.setattr(schema, "_PAUSE_SECONDS", 0.2)
    request = await asyncpg.connect(url.dsn)
    async with request.transaction():
        await request.execute("SELECT FROM conversations")
        migrating = asyncio.create_task(with_revision(USERS_THEN_CONVERSATIONS)("next"))
        await request.execute(UNTIL_SOMEBODY_WAITS)
        await request.execute("SELECT FROM users", timeout=5)
    await migrating
    assert await looked_at(url, "SELECT version_num FROM alembic_version") == ["next"]
    await request.close()
