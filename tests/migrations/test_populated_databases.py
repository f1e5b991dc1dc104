"""A migration of a database with people in it loses nothing, or does nothing."""

from collections.abc import Callable

import pytest
from sqlalchemy.exc import IntegrityError

from chatsvc.db import schema
from chatsvc.db.urls import DatabaseUrl
from tests.migrations.conftest import MigrateTo
from tests.migrations.populated import contents, fill
from tests.migrations.test_migrations import looked_at

# On SQLite the tables are made anew and the old ones dropped, parents of rows though they are.
ADD_AND_REBUILD = """
for table in ("users", "conversations"):
    with op.batch_alter_table(table, recreate="always" if op.get_bind().dialect.name == "sqlite" else "auto") as batch:
        batch.add_column(sa.Column("colour", sa.Text(), nullable=False, server_default="grey"))
"""
REMOVE_AND_REBUILD = """
for table in ("users", "conversations"):
    with op.batch_alter_table(table) as batch:
        batch.drop_column("colour")
"""
HALF = """
op.create_table("half_made", sa.Column("id", sa.Integer()))
op.execute("UPDATE users SET display_name = 'spoiled'")
raise ZeroDivisionError
"""
MakeRevision = Callable[..., MigrateTo]


async def test_rebuilding_parent_tables_keeps_all_their_children(
    url: DatabaseUrl, database_url: str, with_revision: MakeRevision
) -> None:
    await fill(database_url)
    before = await contents(url)
    assert all(before.values())
    to = with_revision(ADD_AND_REBUILD, REMOVE_AND_REBUILD, oldest_code="0001")
    await to("next")
    assert await contents(url) == before
    assert await looked_at(url, "SELECT colour FROM users") == ["grey", "grey"]
    await to(schema.newest_revision())
    assert await contents(url) == before
    await to("next")
    assert await contents(url) == before


async def test_a_rebuilt_table_still_refuses_what_it_refused(
    url: DatabaseUrl, database_url: str, with_revision: MakeRevision
) -> None:
    await fill(database_url)
    to = with_revision(ADD_AND_REBUILD, REMOVE_AND_REBUILD)
    await to("next")
    await to(schema.newest_revision())
    for sql in ("UPDATE users SET username = 'x'", "UPDATE users SET username = 'same'", "DELETE FROM users"):
        with pytest.raises((IntegrityError, RuntimeError)):
            await looked_at(url, f"{sql} RETURNING 1")


async def test_a_failing_migration_leaves_nothing_half_made(
    url: DatabaseUrl, database_url: str, with_revision: MakeRevision
) -> None:
    await fill(database_url)
    before, tables = await contents(url), await looked_at(url, "tables")
    with pytest.raises(ZeroDivisionError):
        await with_revision(HALF)("next")
    assert await looked_at(url, "tables") == tables
    assert await contents(url) == before
    assert await looked_at(url, "SELECT version_num FROM alembic_version") == [schema.newest_revision()]


async def test_a_migration_that_would_orphan_rows_does_nothing(
    url: DatabaseUrl, database_url: str, with_revision: MakeRevision
) -> None:
    await fill(database_url)
    before = await contents(url)
    with pytest.raises((RuntimeError, IntegrityError), match=r"without their parents|foreign key"):
        await with_revision("""op.execute("DELETE FROM users")""")("next")
    assert await contents(url) == before
