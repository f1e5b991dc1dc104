"""What the migrations make is what the code believes to be there, by name."""

from collections.abc import Callable
from typing import Any

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import CheckConstraint, Connection, ForeignKeyConstraint, UniqueConstraint, inspect

from chatsvc.db import schema
from chatsvc.db.bulk import open_side
from chatsvc.db.urls import DatabaseUrl, parse_database_url
from chatsvc.settings import Settings
from chatsvc.tables import metadata
from tests.support.databases import DatabaseKind


async def test_a_new_revision_would_be_empty(url: DatabaseUrl, settings: Settings) -> None:
    def compare(connection: Connection) -> Any:
        options = {"compare_type": True, "compare_server_default": True}
        return compare_metadata(MigrationContext.configure(connection, opts=options), metadata)

    assert await schema.in_migration(url, settings, compare) == []


def _wanted(kind: type) -> set[str]:
    tables = metadata.tables.values()
    return {str(found.name) for table in tables for found in table.constraints if isinstance(found, kind)}


async def test_constraints_and_indexes_exist_under_their_names(url: DatabaseUrl, settings: Settings) -> None:
    def names(connection: Connection) -> dict[str, set[str]]:
        inspector = inspect(connection)
        ask: dict[str, Callable[[str], list[Any]]] = {
            "check": inspector.get_check_constraints,
            "unique": inspector.get_unique_constraints,
            "foreign": inspector.get_foreign_keys,
            "index": inspector.get_indexes,
        }
        return {
            kind: {str(found["name"]) for table in metadata.tables for found in reflect(table)}
            for kind, reflect in ask.items()
        }

    found = await schema.in_migration(url, settings, names)
    assert found["check"] == _wanted(CheckConstraint)
    assert found["unique"] == _wanted(UniqueConstraint)
    assert found["foreign"] == _wanted(ForeignKeyConstraint)
    indexes = {str(index.name) for table in metadata.tables.values() for index in table.indexes}
    assert found["index"] - found["unique"] == indexes


async def test_rows_are_kept_by_their_key_where_that_is_said(sqlite: DatabaseKind) -> None:
    """No tool compares this."""
    said = {name for name, table in metadata.tables.items() if not table.dialect_options["sqlite"]["with_rowid"]}
    with sqlite.fresh() as url:
        async with open_side(parse_database_url(url)) as side:
            held = await side.value("SELECT group_concat(name) FROM pragma_table_list WHERE wr = 1 AND schema = 'main'")
    assert set(str(held).split(",")) == said
