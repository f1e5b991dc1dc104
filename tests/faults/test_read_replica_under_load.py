"""Many clients and phones on a service whose queries run on a replica that is late again and again."""

import asyncio
import random
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.faults.people import with_phones
from tests.histories.checker import violations
from tests.histories.load import loading
from tests.support.databases import postgres_kind
from tests.support.phone import Answer, over_http
from tests.support.phone.line import Carrier
from tests.support.processes import plain_client, run_cli, served
from tests.support.proof import Proof
from tests.support.replication import Replicated, replicated_postgres


@pytest.fixture(scope="module")
def servers() -> Iterator[Replicated]:
    with replicated_postgres() as both:
        yield both


@asynccontextmanager
async def now_and_then_late(servers: Replicated, random: random.Random) -> AsyncIterator[list[float]]:
    """Replay stands still for a while, goes on, and stands still again; it has caught up at the end."""
    pauses: list[float] = []

    async def hold_back() -> None:
        while True:
            await servers.pause()
            pauses.append(random.uniform(0.05, 0.8))
            await asyncio.sleep(pauses[-1])
            await servers.resume()
            await asyncio.sleep(random.uniform(0, 0.2))

    holding = asyncio.create_task(hold_back())
    try:
        yield pauses
    finally:
        holding.cancel()
        await asyncio.wait({holding})
        await servers.resume()
        await servers.catch_up()


def nothing_is_gone(carry: Carrier) -> Carrier:
    """Of all that a client would drop something for, there is none here: whoever hears of it heard of the lag."""

    async def listen(method: str, path: str, body: Any, token: str | None) -> Answer:
        answer = await carry(method, path, body, token)
        assert answer.status < 400 or answer.status >= 500, (path, answer)
        if path.startswith("/v1/sync/changes") and answer.status == 200:
            told = {item["status"] for item in answer.data()["conversations"].values()}
            assert told <= {"ok", "joined", "limited"}, (body, answer)
        return answer

    return listen


@pytest.mark.proves("a replica that is late again and again is only late: histories hold, and phones end equal")
@pytest.mark.timeout(400)
async def test_a_late_replica_under_load(servers: Replicated, tmp_path: Path, proof: Proof) -> None:
    url = await asyncio.to_thread(lambda: postgres_kind(servers.primary.url(), "late").make())
    await servers.catch_up()
    reading = servers.standby.url(url.rpartition("/")[2])
    settings = {"database_url": url, "read_database_url": reading, "rate_limits": "off", "log_level": "warning"}
    with served(tmp_path / "data", **settings) as server, with_phones(tmp_path, proof.random) as people:
        async with (
            plain_client(server.address, timeout=30) as http,
            loading([server.address], proof.random, clients=4) as load,
        ):
            people.server = nothing_is_gone(over_http(http))
            await people.arrive(4, phones_each=1)
            await people.settle()
            await servers.pause()
            await people.meet()
            async with now_and_then_late(servers, proof.random) as pauses, load.running():
                await people.act(proof.depth(8, 150))
            assert await load.verdict(reads_may_lag=True) == []
            late = [found for found in violations(load.history, await load.final()) if found.startswith("stale")]
            assert late or not proof.deep  # or nothing was looked at
            await people.settle()
            await people.require_equal()
    assert run_cli(tmp_path / "data", "check", database_url=url).returncode == 0
    proof.database = "postgresql"
    held = f"{len(pauses)} pauses of {sum(pauses):.0f} s together, {len(late):,} late reads"
    proof.note(f"{held}, {load.told()}, {len(people.written):,} messages of phones")
