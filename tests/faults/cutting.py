"""A server process whose way to Postgres can be cut."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from tests.support.processes import start_server, wait_until_ready
from tests.support.proxy import Proxy, proxied


@asynccontextmanager
async def served_through_a_proxy(url: str, data_dir: Path) -> AsyncIterator[tuple[str, Proxy]]:
    """A server whose every connection to Postgres passes the proxy; gives its address."""
    near, _, rest = url.partition("@")
    host, _, tail = rest.partition("/")
    async with proxied(int(host.rpartition(":")[2])) as proxy:
        settings: dict[str, object] = {
            "database_url": f"{near}@127.0.0.1:{proxy.port}/{tail}",
            "rate_limits": "off",
            "log_level": "warning",
            "statement_timeout_seconds": 2,
            "lock_timeout_seconds": 1,
        }
        server = start_server(data_dir, **settings)
        try:
            await asyncio.to_thread(wait_until_ready, server)
            yield server.address, proxy
        finally:
            await asyncio.to_thread(server.stop)
