"""The connections of each database, set up so that the promises hold."""

from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncEngine

from chatsvc.db.postgres import postgres_engine
from chatsvc.db.sqlite import sqlite_engine
from chatsvc.db.urls import DatabaseUrl, primary_url, replica_url
from chatsvc.settings import Settings

_MOST_READERS_OF_A_FILE = 4  # each keeps pages and memory of its own, and no reader waits for another database


@dataclass(frozen=True, slots=True)
class Engines:
    """`writer` runs commands, `reader` queries on the primary, `replica` queries where there is one."""

    writer: AsyncEngine
    reader: AsyncEngine
    replica: AsyncEngine | None = None

    async def dispose(self) -> None:
        for engine in (self.replica, self.reader, self.writer):
            if engine is not None:
                await engine.dispose()


def make_engines(settings: Settings, *, serving: bool = False) -> Engines:
    """Engines for the databases that the settings name; nothing connects yet. See `make_engine` for `serving`."""
    url, replica = primary_url(settings), replica_url(settings)
    return Engines(
        writer=make_engine(url, settings, read_only=False, serving=serving),
        reader=make_engine(url, settings, read_only=True, serving=serving),
        replica=make_engine(replica, settings, read_only=True, replica=True, serving=serving) if replica else None,
    )


def make_engine(
    url: DatabaseUrl, settings: Settings, *, read_only: bool, replica: bool = False, serving: bool = False
) -> AsyncEngine:
    """An engine whose every transaction is a command's, or with `read_only` a query's.

    With `serving` Postgres is told that little is wanted of much, as requests do it; whole tables read otherwise.
    """
    if url.path:
        return sqlite_engine(
            url.path,
            read_only=read_only,
            readers=min(settings.pool_size, _MOST_READERS_OF_A_FILE),
            lock_timeout_seconds=settings.lock_timeout_seconds,
        )
    return postgres_engine(url.dsn, settings, read_only=read_only, replica=replica, serving=serving)
