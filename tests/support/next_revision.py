"""A migration that exists for one test alone, on top of the newest."""

from pathlib import Path

from alembic import command
from sqlalchemy import Connection

from chatsvc.db import schema
from chatsvc.db.urls import DatabaseUrl
from chatsvc.settings import Settings

_REVISION = """
import sqlalchemy as sa
from alembic import op

revision = "next"
down_revision = "{head}"
branch_labels = depends_on = None
{declared}


def upgrade():
    {upgrade}


def downgrade():
    {downgrade}
"""


def write_next(folder: Path, upgrade: str, downgrade: str = "pass", *, oldest_code: str | None = None) -> None:
    """The file of a revision `next`."""
    parts = {"upgrade": upgrade, "downgrade": downgrade}
    indented = {name: part.strip().replace("\n", "\n    ") for name, part in parts.items()}
    declared = f"oldest_code = {oldest_code!r}" if oldest_code else ""
    (folder / "next.py").write_text(_REVISION.format(head=schema.newest_revision(), declared=declared, **indented))


async def migrate_with_next(folder: Path, url: DatabaseUrl, settings: Settings, revision: str = "next") -> None:
    """To a named revision, as in earnest."""

    def migrate(connection: Connection) -> None:
        config = schema.alembic_config(connection)
        config.set_main_option("version_locations", f"{schema.scripts_directory() / 'versions'}:{folder}")
        config.set_main_option("path_separator", ":")
        (command.upgrade if revision == "next" else command.downgrade)(config, revision)

    await schema.in_migration(url, settings, migrate)
