"""A Postgres that dies and whose standby takes its place, under a server that knows of both."""

import asyncio
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.faults.people import with_phones
from tests.histories.load import loading
from tests.support.databases import postgres_kind
from tests.support.phone import over_http
from tests.support.processes import run_cli, served
from tests.support.proof import Proof
from tests.support.replication import Replicated, replicated_postgres
from tests.support.service import running_service, service_settings


@pytest.fixture(scope="module")
def servers() -> Iterator[Replicated]:
    with replicated_postgres() as both:
        yield both


def _database(servers: Replicated, name: str) -> str:
    """A new one on the present primary. It is not dropped: the servers are gone soon."""
    return postgres_kind(servers.primary.url(), name).make().rpartition("/")[2]


@pytest.mark.proves("a failover to a synchronous standby loses nothing that was answered; the server goes on by itself")
@pytest.mark.timeout(400)
async def test_a_synchronous_standby_loses_nothing(servers: Replicated, tmp_path: Path, proof: Proof) -> None:
    name = await asyncio.to_thread(_database, servers, "synchronous")
    url, failovers = servers.url(name), proof.depth(1, 4)
    settings: dict[str, object] = {"database_url": url, "rate_limits": "off", "log_level": "warning"}
    await servers.commit_on_both()
    with served(tmp_path / "data", **settings) as server:
        async with loading([server.address], proof.random, clients=8) as load:
            async with load.running():
                for number in range(failovers):
                    if number:
                        await servers.follow_again()
                        await servers.commit_on_both()
                    await asyncio.sleep(proof.random.uniform(0.3, proof.depth(0.8, 3)))
                    await asyncio.to_thread(servers.primary.kill)
                    await asyncio.sleep(proof.random.uniform(0, proof.depth(0.2, 2)))
                    await asyncio.to_thread(servers.promote)
                    await _answered_again(load.history.acknowledged)
            assert await load.verdict() == []
    checked = run_cli(tmp_path / "data", "check", database_url=url)
    assert checked.returncode == 0, checked.stderr
    proof.database = "postgresql"
    proof.note(f"{failovers} failovers, {load.asking.answers.get(503, 0):,} times 503, {load.told()}")


async def _answered_again(acknowledged: Callable[[], int]) -> None:
    """Some more than there were before: by the new primary, with nobody's help."""
    enough = acknowledged() + 20
    for _ in range(400):
        if acknowledged() >= enough:
            return
        await asyncio.sleep(0.05)
    raise AssertionError("the server does not find the new primary")


@pytest.mark.proves("after a failover that lost something and a new epoch, every phone ends equal to the server")
@pytest.mark.timeout(400)
async def test_phones_after_a_failover_that_lost_something(servers: Replicated, tmp_path: Path, proof: Proof) -> None:
    name = await asyncio.to_thread(_database, servers, "behind")
    url, failovers, lost = servers.url(name), proof.depth(1, 4), 0
    settings = service_settings(url, tmp_path / "data")
    with with_phones(tmp_path, proof.random) as people:
        for _ in range(failovers):
            await servers.follow_again()
            async with running_service(settings) as service:
                people.server = over_http(service.client)
                if not people.phones:
                    await people.arrive(4)
                await people.act(proof.depth(8, 40))
                await servers.catch_up()
                servers.standby.stop()
                await people.act(proof.depth(8, 40))
                told = people.acknowledged()
            people.server = None
            await people.act(3)
            await asyncio.to_thread(servers.primary.kill)
            await asyncio.to_thread(servers.standby.start)
            await asyncio.to_thread(servers.promote)
            assert run_cli(tmp_path / "data", "check", database_url=url).returncode == 0
            assert run_cli(tmp_path / "data", "epoch", "new", database_url=url).returncode == 0
            async with running_service(settings) as service:
                people.server = over_http(service.client)
                await people.settle()
                await people.require_equal()
            now = people.acknowledged()
            lost += sum(now[name] != message_id for name, message_id in told.items())
        written = len(people.written)
    assert lost
    proof.database = "postgresql"
    proof.note(
        f"{failovers} failovers, {written:,} messages written, {lost:,} of them lost by the server and sent again"
    )
