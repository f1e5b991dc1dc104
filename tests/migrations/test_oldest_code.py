"""A schema tells which code may run on it: this version runs on a newer one that lets it, and on no other."""

from collections.abc import Callable
from pathlib import Path

import pytest
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text

from chatsvc.db import schema
from chatsvc.db.schema import SchemaMismatch
from chatsvc.db.urls import DatabaseUrl
from chatsvc.settings import Settings
from tests.migrations.conftest import MigrateTo
from tests.migrations.test_migrations import check, looked_at
from tests.support.processes import run_cli
from tests.support.service import running_service, service_settings

MakeRevision = Callable[..., MigrateTo]
ADD = 'op.add_column("users", sa.Column("colour", sa.Text(), nullable=True))'
REMOVE = """
with op.batch_alter_table("users") as batch:
    batch.drop_column("colour")
"""
KEPT = "SELECT oldest_code FROM service_state"


def test_each_migration_declares_the_oldest_code() -> None:
    """Of those from before there was a declaration, none is asked for one."""
    scripts = ScriptDirectory.from_config(schema.alembic_config())
    for revision in schema.revisions():
        if revision >= "0003":
            declared = getattr(scripts.get_revision(revision).module, "oldest_code", None)
            assert declared in schema.revisions(), f"{revision} declares no oldest_code that exists"
            assert declared <= revision


async def test_this_version_runs_on_a_newer_schema_that_lets_it(
    url: DatabaseUrl, database_url: str, data_dir: Path, settings: Settings, with_revision: MakeRevision
) -> None:
    newest = schema.newest_revision()
    await with_revision(ADD, oldest_code=newest)("next")
    assert await looked_at(url, KEPT) == [newest]
    await check(url, settings)
    assert await schema.migrate(url, settings) == ("next", "next")
    done = run_cli(data_dir, "migrate", database_url=database_url)
    said = f"schema next, newer than this version's {newest}, which may run on it: nothing to do\n"
    assert (done.returncode, done.stdout) == (0, said)
    assert run_cli(data_dir, "check", database_url=database_url).returncode == 0
    async with running_service(service_settings(database_url, data_dir)) as service:
        assert (await service.call("GET", "/readyz")).status_code == 200
        ana, ben = await service.register(), await service.register()
        assert (await ana.send(await ana.open_direct(ben), "m1")).status_code == 201


@pytest.mark.parametrize("declared", ["next", None])
async def test_a_newer_schema_that_does_not_let_it_is_refused_by_all(
    url: DatabaseUrl,
    database_url: str,
    data_dir: Path,
    settings: Settings,
    with_revision: MakeRevision,
    declared: str | None,
) -> None:
    """One that declares nothing means its own code."""
    async with running_service(service_settings(database_url, data_dir)) as service:
        await with_revision(ADD, oldest_code=declared)("next")
        assert await looked_at(url, KEPT) == ["next"]
        assert (await service.call("GET", "/readyz")).status_code == 503
    for refused in (check, schema.migrate):
        with pytest.raises(SchemaMismatch, match=r"next.*newer"):
            await refused(url, settings)
    done = run_cli(data_dir, "prune", database_url=database_url)
    assert (done.returncode, "newer" in done.stderr, "migrate" in done.stderr) == (2, True, False), done.stderr


async def test_an_unknown_schema_that_says_nothing_is_refused(
    url: DatabaseUrl, empty: DatabaseUrl, settings: Settings
) -> None:
    """One that somebody made by hand, and another program's."""
    await looked_at(url, "UPDATE service_state SET oldest_code = NULL RETURNING 1")
    await looked_at(url, "UPDATE alembic_version SET version_num = 'fffffff' RETURNING 1")

    def another(connection: Connection) -> None:
        connection.execute(text("CREATE TABLE alembic_version (version_num varchar(32))"))
        connection.execute(text("INSERT INTO alembic_version VALUES ('fffffff')"))

    await schema.in_migration(empty, settings, another)
    for refusing in (url, empty):
        with pytest.raises(SchemaMismatch, match=r"fffffff.*newer"):
            await check(refusing, settings)


async def test_what_one_step_demands_no_later_one_takes_back(url: DatabaseUrl, with_revision: MakeRevision) -> None:
    await with_revision(ADD, oldest_code="0001")("next")
    assert await looked_at(url, KEPT) == ["0003"]


async def test_on_the_way_down_the_schema_asks_for_less_again(
    url: DatabaseUrl, settings: Settings, with_revision: MakeRevision
) -> None:
    newest, before = schema.newest_revision(), await looked_at(url, KEPT)
    to = with_revision(ADD, REMOVE, oldest_code="next")
    await to("next")
    await to(newest)
    assert await looked_at(url, KEPT) == before
    await check(url, settings)
