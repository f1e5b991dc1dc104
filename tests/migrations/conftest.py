"""Empty databases, and revisions that exist for one test alone."""

from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path

import pytest
from alembic import command
from sqlalchemy import Connection

from chatsvc.db import schema
from chatsvc.db.urls import DatabaseUrl, parse_database_url
from chatsvc.settings import Settings
from tests.support.databases import DatabaseKind

MigrateTo = Callable[[str], Awaitable[None]]

_REVISION = """
import sqlalchemy as sa
from alembic import op

revision = "{revision}"
down_revision = "{head}"
branch_labels = depends_on = None
{declared}


def upgrade():
    {upgrade}


def downgrade():
    {downgrade}
"""


@pytest.fixture
def empty(kind: DatabaseKind) -> Iterator[DatabaseUrl]:
    """A database without any table; on SQLite not even a file."""
    with kind.fresh(migrated=False) as url:
        yield parse_database_url(url)


@pytest.fixture
def url(database_url: str) -> DatabaseUrl:
    return parse_database_url(database_url)


@pytest.fixture
def settings() -> Settings:
    return Settings()


@pytest.fixture
def with_revision(tmp_path: Path, url: DatabaseUrl, settings: Settings) -> Callable[..., MigrateTo]:
    """Make a revision `next` on top of the newest; gives what migrates to a named one, as in earnest."""

    def make(upgrade: str, downgrade: str = "pass", *, oldest_code: str | None = None) -> MigrateTo:
        parts = {"upgrade": upgrade, "downgrade": downgrade}
        declared = f"oldest_code = {oldest_code!r}" if oldest_code else ""
        indented = {name: part.strip().replace("\n", "\n    ") for name, part in parts.items()}
        text = _REVISION.format(revision="next", head=schema.newest_revision(), declared=declared, **indented)
        (tmp_path / "next.py").write_text(text)

        def migrate(connection: Connection, revision: str) -> None:
            config = schema.alembic_config(connection)
            config.set_main_option("version_locations", f"{schema.scripts_directory() / 'versions'}:{tmp_path}")
            config.set_main_option("path_separator", ":")
            (command.upgrade if revision == "next" else command.downgrade)(config, revision)

        async def to(revision: str) -> None:
            await schema.in_migration(url, settings, lambda connection: migrate(connection, revision))

        return to

    return make
