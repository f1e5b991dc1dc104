"""What must be true of the database before it is served."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from chatsvc.db.engines import make_engine
from chatsvc.db.schema import migrate, require_current
from chatsvc.db.server_lock import lock_for_serving
from chatsvc.db.sqlite import make_private_file
from chatsvc.db.urls import primary_url
from chatsvc.settings import Settings


@asynccontextmanager
async def held_for_serving(settings: Settings) -> AsyncIterator[None]:
    """An SQLite file is locked against a second server and migrates itself; a Postgres schema must be current.

    Raises AlreadyServed and SchemaMismatch, whose messages say what to do.
    """
    url = primary_url(settings)
    if url.path is None:
        engine = make_engine(url, settings, read_only=True)
        try:
            await require_current(engine)
        finally:
            await engine.dispose()
        yield
        return
    make_private_file(url.path)
    lock = await asyncio.to_thread(lock_for_serving, url.path)
    try:
        await migrate(url, settings)
        yield
    finally:
        lock.close()
