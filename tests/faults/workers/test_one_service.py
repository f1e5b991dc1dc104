"""Two workers behind one address: clients and Prometheus cannot tell them from one."""

import asyncio
from pathlib import Path

from chatsvc.settings import Settings
from tests.faults.workers.conftest import two_workers
from tests.faults.workers.crew import Crew, requests_to, scraped, until
from tests.support.postgres import free_port
from tests.support.service import PASSWORD

IN_FLIGHT = ("chatsvc_requests_in_flight", frozenset[tuple[str, str]]())


async def test_two_workers_are_one_service(database_url: str, data_dir: Path) -> None:
    """One crew for all of it, which counts for the coverage: three interpreters take their time to start."""
    with two_workers(database_url, data_dir, session_check_seconds=1, measured=True) as crew:
        await _connections_are_spread(crew)
        crew.forget_requests()
        await _metrics_are_the_sums_whoever_is_asked(crew)
        crew.forget_requests()
        await _what_one_worker_did_the_other_knows(crew)


async def _what_one_worker_did_the_other_knows(crew: Crew) -> None:
    async with crew.connections() as clients:
        registered = await clients[0].post("/v1/auth/register", json={"username": "ana", "password": PASSWORD})
        token = registered.json()["data"]["tokens"]["access_token"]
        headers = {"Authorization": f"Bearer {token}"}
        for client in clients:
            assert (await client.get("/v1/users/me", headers=headers)).json()["data"]["username"] == "ana"
        assert set(crew.answered_by()) == crew.workers
        # An ended session is refused by whoever ended it at once, and by the other one within the time that is set.
        refresh = registered.json()["data"]["tokens"]["refresh_token"]
        assert (await clients[1].post("/v1/auth/logout", json={"refresh_token": refresh})).status_code == 200
        await asyncio.sleep(1)
        for client in clients:
            assert (await client.get("/v1/users/me", headers=headers)).status_code == 401


async def _metrics_are_the_sums_whoever_is_asked(crew: Crew) -> None:
    before = requests_to("/v1/server", await asyncio.to_thread(scraped, crew.server.address + "/metrics"))
    async with crew.connections() as clients:
        for client in clients:
            text = (await client.get("/metrics")).text
            answered = [line for line in text.splitlines() if "_seconds_count" in line and "/v1/server" in line]
            assert [float(line.rpartition(" ")[2]) for line in answered] == [before + len(clients)]
        assert len(crew.answered_by()) == 2
    samples = await asyncio.to_thread(scraped, crew.server.address + "/metrics")
    assert samples[IN_FLIGHT] == 1
    assert samples["chatsvc_password_hashing", frozenset({("state", "waiting")})] == 0
    assert samples["chatsvc_pool_size", frozenset({("pool", "writer")})] == 2 * Settings().pool_size


async def test_metrics_on_a_port_of_their_own_are_the_sums(database_url: str, data_dir: Path) -> None:
    port = free_port()
    with two_workers(database_url, data_dir, metrics_port=port) as crew:
        async with crew.connections() as clients:
            assert {(await client.get("/metrics")).status_code for client in clients} == {404}
            samples = await asyncio.to_thread(scraped, f"http://127.0.0.1:{port}/metrics")
            assert requests_to("/v1/server", samples) == len(clients)
            assert requests_to("/metrics", samples) == len(clients)
            assert samples[IN_FLIGHT] == 0


async def _connections_are_spread(crew: Crew) -> None:
    """Of 32 that come at once each of two workers gets its part: fewer than 5 is a matter of one in 50,000."""
    connected = await asyncio.gather(*(asyncio.open_connection("127.0.0.1", crew.server.port) for _ in range(32)))
    for reader, writer in connected:
        writer.write(b"GET /v1/server HTTP/1.1\r\nhost: test\r\n\r\n")
        await reader.readuntil(b"\r\n\r\n")
        writer.close()
    await asyncio.to_thread(until, lambda: sum(crew.answered_by().values()) == 32)
    assert min(crew.answered_by()[worker] for worker in crew.workers) >= 5
