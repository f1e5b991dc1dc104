"""Whether a database is in service."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from chatsvc.db.bulk import open_side
from chatsvc.db.server_lock import AlreadyServed, lock_for_serving
from chatsvc.db.urls import DatabaseUrl
from chatsvc.ops.transfer.refusals import TransferRefused

_SERVED = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'chatsvc'"


@asynccontextmanager
async def not_served(url: DatabaseUrl) -> AsyncIterator[None]:
    """Raises TransferRefused when a server is at work on it. A file cannot be served meanwhile.

    Postgres is looked at when it begins; `require_not_served` looks again.
    """
    if url.path is None:
        await require_not_served(url)
        yield
        return
    try:
        lock = await asyncio.to_thread(lock_for_serving, url.path)
    except AlreadyServed as error:
        raise TransferRefused(f"{url.place} is being served: stop the service first") from error
    try:
        yield
    finally:
        lock.close()


async def require_not_served(url: DatabaseUrl) -> None:
    """Raises TransferRefused when a server has connections to a Postgres database: each has one from its start.

    Those that come through pgbouncer are not seen.
    """
    if url.path is None:
        async with open_side(url) as side:
            if served := await side.value(_SERVED):
                raise TransferRefused(f"{url.place} is being served, by {served} connections: stop the service first")
