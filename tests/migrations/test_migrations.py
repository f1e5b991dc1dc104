"""The schema goes up and down, alone or all at once, whole or not at all."""

import asyncio
import os
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from uuid import UUID

import asyncpg
import pytest
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, inspect, text
from sqlalchemy.exc import DBAPIError

from chatsvc import tables
from chatsvc.db import Database, Tx, schema
from chatsvc.db.engines import make_engine, make_engines
from chatsvc.db.schema import SchemaMismatch
from chatsvc.db.urls import DatabaseUrl
from chatsvc.ids import new_id
from chatsvc.settings import Settings
from tests.db.counting import held_by_another

REVISIONS = [
    script.revision for script in reversed(list(ScriptDirectory.from_config(schema.alembic_config()).walk_revisions()))
]


def test_the_newest_revision_by_name_is_the_one_that_alembic_ends_at() -> None:
    assert schema.revisions() == tuple(REVISIONS)
    assert ScriptDirectory.from_config(schema.alembic_config()).get_heads() == [REVISIONS[-1]]


async def looked_at(url: DatabaseUrl, question: str) -> list[str]:
    def ask(connection: Connection) -> list[str]:
        if question == "tables":
            return sorted(inspect(connection).get_table_names())
        return [str(row[0]) for row in connection.execute(text(question))]

    return await schema.in_migration(url, Settings(), ask)


async def check(url: DatabaseUrl, settings: Settings) -> None:
    engine = make_engine(url, settings, read_only=True)
    try:
        async with engine.connect() as connection:
            await schema.require_serving(connection)
    finally:
        await engine.dispose()


@asynccontextmanager
async def another_migrates(url: DatabaseUrl) -> AsyncIterator[None]:
    if url.path:
        async with held_by_another(f"sqlite:///{url.path}", UUID(int=0)):
            yield
        return
    connection = await asyncpg.connect(url.dsn)
    try:
        await connection.execute("SELECT pg_advisory_lock($1)", schema._ADVISORY_KEY)
        yield
    finally:
        await connection.close()


async def test_every_revision_goes_up_down_and_up_again(empty: DatabaseUrl, settings: Settings) -> None:
    below = "base"
    for revision in REVISIONS:
        await schema.migrate(empty, settings, revision)
        there = await looked_at(empty, "tables")
        await schema.migrate(empty, settings, below)
        await schema.migrate(empty, settings, revision)
        assert await looked_at(empty, "tables") == there
        below = revision
    await schema.migrate(empty, settings, "base")
    assert await looked_at(empty, "tables") == ["alembic_version"]


async def test_migrating_tells_from_where_to_where_and_is_safe_to_repeat(
    empty: DatabaseUrl, settings: Settings
) -> None:
    newest = schema.newest_revision()
    assert await schema.migrate(empty, settings) == ("", newest)
    assert await schema.migrate(empty, settings) == (newest, newest)
    assert await looked_at(empty, "tables") == sorted([*tables.metadata.tables, "alembic_version"])


async def test_many_migrating_at_once_make_one_history(empty: DatabaseUrl, settings: Settings) -> None:
    done = await asyncio.gather(*(schema.migrate(empty, settings) for _ in range(5)))
    newest = schema.newest_revision()
    assert sorted(done) == [("", newest)] + [(newest, newest)] * 4
    assert len(await looked_at(empty, "SELECT sync_epoch FROM service_state")) == 1
    assert await looked_at(empty, "SELECT version_num FROM alembic_version") == [newest]


async def test_two_databases_have_different_epochs(empty: DatabaseUrl, settings: Settings) -> None:
    found = set()
    for _ in range(2):
        await schema.migrate(empty, settings)
        found |= set(await looked_at(empty, "SELECT sync_epoch FROM service_state"))
        await schema.migrate(empty, settings, "base")
    assert len(found) == 2


async def test_a_server_refuses_an_empty_schema_and_names_the_command(empty: DatabaseUrl, settings: Settings) -> None:
    with pytest.raises(SchemaMismatch, match="chatsvc migrate"):
        await check(empty, settings)
    await schema.migrate(empty, settings)
    await check(empty, settings)


async def test_a_migration_waits_for_whoever_is_before_it(empty: DatabaseUrl) -> None:
    """Longer than any statement of the service may take: one before it may be rewriting a large table."""
    impatient = Settings(lock_timeout_seconds=0.05, statement_timeout_seconds=0.01)
    async with another_migrates(empty):
        waiting = asyncio.create_task(schema.migrate(empty, impatient))
        started = time.monotonic()
        while time.monotonic() - started < (0.3 if empty.path else 2.2):  # the driver adds two seconds of its own
            await asyncio.sleep(0.05)
            assert not waiting.done()
    assert await waiting == ("", schema.newest_revision())


async def test_alembic_alone_migrates_what_the_settings_name(empty: DatabaseUrl, settings: Settings) -> None:
    environment = {**os.environ, "CHATSVC_DATABASE_URL": empty.dsn or f"sqlite:///{empty.path}"}
    command = [sys.executable, "-m", "alembic", "upgrade", "head"]
    process = await asyncio.create_subprocess_exec(*command, cwd=schema.scripts_directory().parent, env=environment)
    assert await process.wait() == 0
    await check(empty, settings)


async def test_the_audit_log_takes_no_updates(database_url: str) -> None:
    async def write(tx: Tx, _: None) -> None:
        tx.session.add(tables.AuthEvent(id=new_id(), at=tx.now, event="login", outcome="refused"))

    async def forge(tx: Tx, _: None) -> None:
        await tx.connection.execute(text("UPDATE auth_events SET outcome = 'ok'"))

    db = Database(make_engines(Settings(database_url=database_url)))
    await db.execute(write, None)
    with pytest.raises(DBAPIError, match="auth_events is append-only"):
        await db.execute(forge, None)
    await db.close()
