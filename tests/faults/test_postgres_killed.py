"""Postgres is killed and comes back, or one of its processes is, or one connection is ended: clients are asked to try
again, and never told anything else."""

import asyncio
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import asyncpg
import pytest

from tests.histories.load import loading
from tests.support.databases import DatabaseKind, postgres_kind
from tests.support.postgres import SAFE, PostgresServer, postgres_server
from tests.support.processes import run_cli, served
from tests.support.proof import Proof

OURS = "FROM pg_stat_activity WHERE application_name = 'chatsvc' AND datname = current_database()"


@pytest.fixture(scope="module")
def postgres() -> Iterator[PostgresServer]:
    """One that writes to the disk before it answers, and may be killed."""
    with postgres_server(SAFE) as running:
        yield running


@pytest.fixture(scope="module")
def kind(postgres: PostgresServer) -> DatabaseKind:
    return postgres_kind(postgres.url(), "killed")


async def end_a_connection(postgres: PostgresServer, url: str, moment: float) -> None:
    """As an administrator does, or a time-out."""
    connection = await asyncpg.connect(url)
    try:
        await connection.execute(f"SELECT pg_terminate_backend(pid) {OURS} ORDER BY md5(pid || '{moment}') LIMIT 3")
    finally:
        await connection.close()


async def kill_a_backend(postgres: PostgresServer, url: str, moment: float) -> None:
    """As the kernel does when memory is short: Postgres then ends every other one, and recovers."""
    connection = await asyncpg.connect(url)
    try:
        found = await connection.fetch(f"SELECT pid {OURS} ORDER BY md5(pid || '{moment}') LIMIT 1")
    finally:
        await connection.close()
    for row in found:
        postgres.kill_child(row["pid"])
    await asyncio.to_thread(postgres.wait_until_ready)


async def restart(postgres: PostgresServer, url: str, moment: float) -> None:
    """As an administrator does: every connection is told so."""
    await asyncio.to_thread(postgres.stop)
    await asyncio.sleep(moment)
    await asyncio.to_thread(postgres.start)


async def kill_all(postgres: PostgresServer, url: str, moment: float) -> None:
    """As a crash of the machine does, but for the disk."""
    await asyncio.to_thread(postgres.kill)
    await asyncio.sleep(moment)
    await asyncio.to_thread(postgres.start)


@pytest.mark.proves("whatever happens to Postgres, clients are answered rightly or told to try again")
@pytest.mark.timeout(400)
async def test_a_killed_postgres_is_try_again_and_loses_nothing(
    postgres: PostgresServer, database_url: str, data_dir: Path, proof: Proof
) -> None:
    settings = {"database_url": database_url, "rate_limits": "off", "log_level": "warning"}
    kinds = [kill_all, end_a_connection, kill_a_backend, restart]
    faults = kinds[:2] if not proof.deep else [*kinds, *[kill_all] * 8, *proof.random.choices(kinds, k=8)]
    proof.random.shuffle(faults)
    with served(data_dir, **settings) as server:
        async with loading([server.address], proof.random, clients=8) as load:
            async with load.running():
                for fault in faults:
                    await asyncio.sleep(proof.random.uniform(0.2, proof.depth(0.5, 2)))
                    await fault(postgres, database_url, proof.random.uniform(0, proof.depth(0.1, 2)))
                await asyncio.sleep(0.5)
            assert await load.verdict() == []
            assert load.asking.answers.get(503, 0) > 0
    assert run_cli(data_dir, "check", database_url=database_url).returncode == 0
    done = ", ".join(
        f"{times} × {name.replace('_', ' ')}" for name, times in Counter(f.__name__ for f in faults).items()
    )
    proof.database = "postgresql"
    proof.note(f"{done}; {load.asking.answers[503]:,} times 503; {load.told()}")
