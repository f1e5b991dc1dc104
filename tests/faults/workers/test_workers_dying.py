"""Processes of a service with several workers are killed: the service goes on, or is gone as a whole."""

import asyncio
from pathlib import Path

import asyncpg
import httpx2
import pytest

from tests.faults.workers.conftest import two_workers
from tests.faults.workers.crew import Crew, requests_to, scraped, until
from tests.support.postgres import runs
from tests.support.processes import plain_client, served

pytestmark = pytest.mark.timeout(300)


async def _load(crew: Crew, answers: list[int]) -> None:
    """A call after the other, each on a connection of its own; one that is cut off is asked again."""
    while True:
        async with plain_client(crew.server.address, timeout=5) as client:
            try:
                answers.append((await client.get("/v1/server")).status_code)
            except httpx2.TransportError:
                answers.append(0)
        await asyncio.sleep(0.02)


async def test_a_killed_worker_is_replaced_and_the_service_goes_on(database_url: str, data_dir: Path) -> None:
    with two_workers(database_url, data_dir) as crew:
        answers: list[int] = []
        load = asyncio.create_task(_load(crew, answers))
        await asyncio.to_thread(until, lambda: len(answers) >= 20)
        before = await asyncio.to_thread(scraped, crew.server.address + "/metrics")
        killed = max(crew.workers, key=lambda pid: crew.answered_by()[pid])
        crew.kill(killed)
        await asyncio.to_thread(until, lambda: killed not in crew.workers)
        at_kill = len(answers) + 1  # the one that is under way may have been on it
        await asyncio.to_thread(until, lambda: len(answers) >= at_kill + 20)
        meanwhile = await asyncio.to_thread(scraped, crew.server.address + "/metrics")
        await asyncio.to_thread(crew.wait_for_workers, 2)
        after = await asyncio.to_thread(scraped, crew.server.address + "/metrics")
        load.cancel()
        assert killed not in crew.workers
        assert [told["worker"] for told in crew.events("worker_died")] == [killed]
        # Connections that it had accepted are lost with it. After that all that come are the other one's.
        assert answers.count(0) <= 2
        assert set(answers[at_kill:]) == {200}
        counts = [requests_to("/v1/server", samples) for samples in (before, meanwhile, after)]
        assert counts[0] >= 20
        assert counts[1] >= counts[0] + 20
        assert counts[2] >= counts[1]


async def test_workers_do_not_outlive_their_supervisor(database_url: str, data_dir: Path) -> None:
    with two_workers(database_url, data_dir, drain_seconds=60) as crew:
        workers = crew.workers
        assert len(workers) == 2
        assert not crew.port_is_free()
        crew.server.process.kill()
        crew.server.process.wait(10)
        await asyncio.to_thread(until, lambda: not any(runs(pid) for pid in workers), 8)
        assert crew.port_is_free()
        assert len(crew.events("stopped")) == 2
    settings = {"rate_limits": "off", "port": crew.server.port}
    with served(data_dir, database_url=database_url, **settings) as again:
        assert again.get("/healthz")[0] == 200


async def test_workers_that_can_start_no_more_end_the_service_with_their_refusal(
    database_url: str, data_dir: Path
) -> None:
    with two_workers(database_url, data_dir) as crew:
        connection = await asyncpg.connect(database_url)
        await connection.execute("UPDATE alembic_version SET version_num = 'ffff'")
        await connection.execute("UPDATE service_state SET oldest_code = 'ffff'")
        await connection.close()
        one, other = crew.workers
        crew.kill(one)
        # As long as one serves, the service is kept, however often the other fails.
        await asyncio.to_thread(until, lambda: len(crew.events("worker_died")) >= 2)
        assert crew.server.get("/healthz")[0] == 200
        crew.kill(other)
        assert await asyncio.to_thread(crew.server.process.wait, 60) == 2
        assert "made by a newer chatsvc" in crew.server.output.read_text()
        assert len(crew.events("worker_started")) <= 12
