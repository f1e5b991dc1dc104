"""The rolling upgrade of docs/operations.md, step by step: real servers, the shipped proxy, and nobody notices."""

import asyncio
import secrets
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path

import pytest

from chatsvc.db import schema
from chatsvc.db.urls import parse_database_url
from chatsvc.settings import Settings
from tests.deploy.files import compose_seconds
from tests.histories import attempts
from tests.histories.load import loading
from tests.support.caddy import needs_caddy, shipped_proxy
from tests.support.databases import DatabaseKind
from tests.support.next_revision import migrate_with_next, write_next
from tests.support.postgres import free_port
from tests.support.processes import ServerProcess, run_cli, start_server, wait_until_ready
from tests.support.proof import Proof

EXPAND = """
for table in ("users", "messages", "conversations", "sessions"):
    op.add_column(table, sa.Column("colour", sa.Text(), nullable=True))
"""
Start = Callable[[int], ServerProcess]


@pytest.fixture(scope="session")
def kind(postgresql: DatabaseKind) -> DatabaseKind:
    """SQLite has one server."""
    return postgresql


@asynccontextmanager
async def replicas(start: Start, ports: list[int]) -> AsyncIterator[list[ServerProcess]]:
    running = [start(port) for port in ports]
    try:
        for replica in running:
            await asyncio.to_thread(wait_until_ready, replica)
        yield running
    finally:
        for replica in running:
            replica.stop()


async def roll(running: list[ServerProcess], start: Start) -> None:
    """One after the other, as the guide says."""
    for place, replica in enumerate(running):
        await asyncio.sleep(compose_seconds("CHATSVC_DRAIN_SECONDS"))  # until the proxy has seen the one before it
        assert await asyncio.to_thread(replica.stop) == 0
        running[place] = start(replica.port)
        await asyncio.to_thread(wait_until_ready, running[place])


@needs_caddy
@pytest.mark.proves("an upgrade of two replicas behind the shipped proxy, migration and all, is noticed by nobody")
@pytest.mark.timeout(400)
async def test_an_upgrade_of_two_replicas_is_noticed_by_nobody(
    database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, proof: Proof
) -> None:
    monkeypatch.setattr(attempts, "_IMPATIENT", 0)  # clients wait for every answer, and never ask again
    settings = {
        "database_url": database_url,
        "rate_limits": "off",
        "log_level": "warning",
        "jwt_keys": f"k1:{secrets.token_urlsafe(48)}",
        "drain_seconds": compose_seconds("CHATSVC_DRAIN_SECONDS"),
    }
    ports = [free_port(), free_port()]

    def start(port: int) -> ServerProcess:
        return start_server(tmp_path / str(port) / "data", **settings, port=port)

    async with replicas(start, ports) as running:
        with shipped_proxy(tmp_path, [f"127.0.0.1:{port}" for port in ports]) as proxy:
            async with loading([proxy.address], proof.random, clients=proof.depth(4, 12), trust=proxy.trust) as load:
                load.rate = proof.depth(20, None)
                async with load.running():
                    write_next(tmp_path, EXPAND, oldest_code=schema.newest_revision())
                    await migrate_with_next(tmp_path, parse_database_url(database_url), Settings())
                    for _ in range(proof.depth(1, 4)):
                        await roll(running, start)
                assert set(load.asking.answers) <= {200, 201}, load.asking.answers
                assert await load.verdict() == []
    migrate = partial(run_cli, tmp_path / "data", database_url=database_url)
    assert "nothing to do" in migrate("migrate").stdout  # as each replica's machine does
    assert migrate("check").returncode == 0
    proof.database = "postgresql"
    proof.note(f"{proof.depth(2, 8)} restarts, {sum(load.asking.answers.values()):,} answers, {load.told()}")
