"""Two server processes on one Postgres: clients cannot tell them from one."""

import asyncio
import secrets
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import asyncpg
import pytest

from tests.faults.two_servers import message_races, session_races
from tests.faults.two_servers.racing import Two
from tests.histories.asking import Asking
from tests.histories.load import loading
from tests.support.databases import DatabaseKind
from tests.support.processes import ServerProcess, run_cli, start_server, wait_until_ready
from tests.support.proof import Proof


@dataclass
class Pair:
    """Both servers, on one database."""

    one: ServerProcess
    other: ServerProcess

    @property
    def addresses(self) -> list[str]:
        return [self.one.address, self.other.address]


@pytest.fixture(scope="session")
def kind(postgresql: DatabaseKind) -> DatabaseKind:
    """SQLite has one server."""
    return postgresql


@asynccontextmanager
async def two_servers(url: str, data_dir: Path, session_check_seconds: float = 5) -> AsyncIterator[Pair]:
    """Both ready; at the end neither they nor Postgres have met a deadlock, and the data is whole."""
    settings: dict[str, object] = {
        "database_url": url,
        "rate_limits": "off",
        "log_level": "warning",
        "session_check_seconds": session_check_seconds,
        "jwt_keys": f"k1:{secrets.token_urlsafe(48)}",
    }
    pair = Pair(*(start_server(data_dir / name / "data", **settings) for name in ("one", "other")))
    try:
        for server in (pair.one, pair.other):
            wait_until_ready(server)
        yield pair
    finally:
        for server in (pair.one, pair.other):
            server.stop()
    for server in (pair.one, pair.other):
        printed = server.output.read_text()
        assert "eadlock" not in printed, printed
    assert await _deadlocks(url) == 0
    checked = run_cli(data_dir, "check", database_url=url)
    assert checked.returncode == 0, checked.stderr


async def _deadlocks(url: str) -> int:
    """As Postgres counts them; whoever has left has told its count."""
    connection = await asyncpg.connect(url)
    try:
        return int(
            await connection.fetchval("SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()")
        )
    finally:
        await connection.close()


@pytest.mark.proves("two servers on one Postgres keep every promise together, with no deadlock")
@pytest.mark.timeout(300)
async def test_a_load_on_two_servers_at_once(database_url: str, data_dir: Path, proof: Proof) -> None:
    async with (
        two_servers(database_url, data_dir) as pair,
        loading(pair.addresses, proof.random, clients=proof.depth(8, 12)) as load,
    ):
        await load.run(seconds=proof.depth(1, 90))
        assert await load.verdict() == []
        assert await load.verdict(pair.other.address) == []
    proof.database = "postgresql"
    proof.note(load.told())


@pytest.mark.proves("whatever is asked of two servers at the same moment ends as if one had been asked first")
@pytest.mark.timeout(300)
async def test_races_each_side_on_its_own_server(database_url: str, data_dir: Path, proof: Proof) -> None:
    rounds, races = 0, [*message_races.RACES, *session_races.RACES]
    async with two_servers(database_url, data_dir, proof.depth(1, 5)) as pair:
        asking = Asking()
        async with asking.http:
            two = Two(asking, pair.addresses, proof.random)
            ending = asyncio.create_task(session_races.an_ended_session_is_refused_everywhere(two))
            deadline = time.monotonic() + 90
            while rounds < proof.depth(1, 40) and time.monotonic() < deadline:
                rounds += 1
                for race in races:
                    await race(two)
            waited = await ending
            assert asking.surprises == []
    proof.database = "postgresql"
    proof.note(f"{len(races)} races, {rounds} times each; an ended session was let in for {waited:.1f} seconds")
