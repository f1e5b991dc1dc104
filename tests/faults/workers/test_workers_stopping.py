"""SIGTERM at a supervisor: each of its workers stops as a single server does."""

import asyncio
import os
import signal
import time
from pathlib import Path

import pytest

from tests.faults.workers.conftest import two_workers

LOGIN = {"username": "ana", "password": "a password"}


@pytest.mark.parametrize("to_all", [False, True], ids=["to the supervisor", "to every process, as service managers do"])
async def test_running_requests_finish_and_the_exit_is_clean(database_url: str, data_dir: Path, to_all: bool) -> None:  # noqa: FBT001
    # One password at a time, so that the last of them wait for a second or so.
    with two_workers(database_url, data_dir, drain_seconds=3, password_threads=1) as crew:
        async with crew.connections() as clients:
            assert (await clients[0].post("/v1/auth/register", json=LOGIN)).status_code == 201
            logins = [asyncio.create_task(c.post("/v1/auth/login", json=LOGIN)) for c in clients for _ in range(4)]
            await asyncio.wait(logins, return_when=asyncio.FIRST_COMPLETED)
            for pid in (crew.server.process.pid, *(crew.workers if to_all else ())):
                os.kill(pid, signal.SIGTERM)
            await asyncio.sleep(0.4)
            # Draining, all of them: not ready, and at anybody's service.
            ready = await asyncio.gather(*(client.get("/readyz") for client in clients))
            assert {answer.status_code for answer in ready} == {503}
            alive = await asyncio.gather(*(client.get("/healthz") for client in clients))
            assert {answer.status_code for answer in alive} == {200}
            answers = await asyncio.gather(*logins)
        assert {answer.status_code for answer in answers} == {200}
        assert await asyncio.to_thread(crew.server.process.wait, 20) == 0
        assert crew.port_is_free()
    assert len(crew.events("stopped")) == 2
    assert crew.events("worker_died") == crew.events("worker_failed_to_stop") == crew.events("supervisor_gone") == []


async def test_a_second_signal_hurries_the_drain_of_each(database_url: str, data_dir: Path) -> None:
    with two_workers(database_url, data_dir, drain_seconds=60) as crew:
        for _ in range(2):
            crew.server.process.send_signal(signal.SIGTERM)
            await asyncio.sleep(0.3)
        begun = time.monotonic()
        assert await asyncio.to_thread(crew.server.process.wait, 10) == 0
        assert time.monotonic() - begun < 5
        assert crew.port_is_free()


async def test_a_signal_while_a_worker_starts_ends_it_and_the_exit_is_clean(database_url: str, data_dir: Path) -> None:
    """Also after some have died at once: those that end now are told to, and none of them counts as failing."""
    with two_workers(database_url, data_dir) as crew:
        for started in (3, 4, 5):
            crew.kill(crew.events("worker_started")[-1]["worker"])
            await asyncio.to_thread(crew.wait_for_starts, started)
        crew.server.process.send_signal(signal.SIGTERM)
        assert await asyncio.to_thread(crew.server.process.wait, 10) == 0
        assert crew.port_is_free()
