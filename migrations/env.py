"""Runs the migrations on the connection it is given; alone (the alembic CLI), on the one that the settings name."""

import asyncio
from typing import Any, Literal

from alembic import context
from alembic.autogenerate.api import AutogenContext
from sqlalchemy import Connection

from chatsvc import tables
from chatsvc.column_types import Id, UTCTime
from chatsvc.db import schema
from chatsvc.db.oldest_code import keep_oldest_code
from chatsvc.db.urls import primary_url
from chatsvc.settings import Settings


def render_item(kind: str, thing: Any, autogen: AutogenContext) -> str | Literal[False]:
    """Write the house's own column types by their short names in a new revision."""
    if kind == "type" and isinstance(thing, (Id, UTCTime)):
        autogen.imports.add(f"from chatsvc.column_types import {type(thing).__name__}")
        return f"{type(thing).__name__}()"
    return False


def run(connection: Connection) -> None:
    context.configure(
        connection=connection,
        target_metadata=tables.metadata,
        render_as_batch=connection.dialect.name == "sqlite",
        render_item=render_item,
        compare_type=True,
        compare_server_default=True,
        on_version_apply=lambda **_: context.config.attributes.get("on_step", lambda: None)(),
    )
    # No transaction of alembic's own: the caller's holds the lock and is the one that commits.
    context.run_migrations()
    keep_oldest_code(connection, context.script)


async def run_alone() -> None:
    settings = Settings()
    await schema.in_migration(primary_url(settings), settings, run)


given = context.config.attributes.get("connection")
if given is not None:
    run(given)
else:
    asyncio.run(run_alone())
