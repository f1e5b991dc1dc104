"""What must be true of the database before it is served."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from chatsvc.db.schema import migrate, require_serving
from chatsvc.db.server_lock import lock_for_serving
from chatsvc.db.sqlite import make_private_file
from chatsvc.db.urls import primary_url
from chatsvc.settings import Settings


class Moved(RuntimeError):
    """The data of this database are in another one."""


@asynccontextmanager
async def held_for_serving(settings: Settings) -> AsyncIterator[None]:
    """An SQLite file is made, locked against a second server, and migrates itself. On Postgres nothing is done.

    Raises AlreadyServed and SchemaMismatch, whose messages say what to do.
    """
    url = primary_url(settings)
    if url.path is None:
        yield
        return
    make_private_file(url.path)
    lock = await asyncio.to_thread(lock_for_serving, url.path)
    try:
        await migrate(url, settings)
        yield
    finally:
        lock.close()


async def require_serviceable(engine: AsyncEngine) -> None:
    """Raises SchemaMismatch and Moved. The engine's pool keeps the connection."""
    async with engine.connect() as connection:
        await require_serving(connection)
        moved_at = (await connection.execute(text("SELECT moved_at FROM service_state"))).scalar()
    if moved_at is not None:
        raise Moved(
            f"this database was moved to another one at {moved_at}: serve that one, what came here would be lost"
        )
