"""SIGTERM at a real server: not ready, running requests finish, then exit code 0."""

import asyncio
import signal
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path

import httpx2

from tests.support.processes import ServerProcess, plain_client, served
from tests.support.service import Clock, Device, running_service, service_settings

LOGIN = {"username": "ana", "password": "a password"}
# One at a time, so that the last ones wait in the pool for a second or so.
SLOW = {"rate_limits": "off", "password_threads": 1, "password_queue": 64, "log_format": "json"}


def _client(server: ServerProcess) -> httpx2.AsyncClient:
    return plain_client(server.address, timeout=20)


async def _until(holds: Callable[[], Awaitable[bool]], seconds: float = 10) -> None:
    deadline = time.monotonic() + seconds
    while not await holds():
        assert time.monotonic() < deadline
        await asyncio.sleep(0.01)


async def _logins_under_way(client: httpx2.AsyncClient, many: int) -> list[asyncio.Task[httpx2.Response]]:
    """So many at once; the first of them has been answered, which tells that the others have arrived."""
    registered = await client.post("/v1/auth/register", json=LOGIN)
    assert registered.status_code == 201, registered.text
    logins = [asyncio.create_task(client.post("/v1/auth/login", json=LOGIN)) for _ in range(many)]
    await asyncio.wait(logins, return_when=asyncio.FIRST_COMPLETED)
    return logins


async def test_running_requests_finish_and_are_kept_and_the_exit_is_clean(database_url: str, data_dir: Path) -> None:
    with served(data_dir, database_url=database_url, drain_seconds=0.5, **SLOW) as server:
        async with _client(server) as client, _client(server) as watcher:
            logins = await _logins_under_way(client, 25)
            server.process.send_signal(signal.SIGTERM)

            async def not_ready() -> bool:
                return (await watcher.get("/readyz")).status_code == 503

            await _until(not_ready)
            assert (await watcher.get("/healthz")).status_code == 200
            assert not all(login.done() for login in logins)
            answers = await asyncio.gather(*logins)
        assert {answer.status_code for answer in answers} == {200}
        assert await asyncio.to_thread(server.stop) == 0
        assert server.get("/healthz") == (0, None)
    told = server.output.read_text()
    assert '"event": "stopping"' in told
    assert '"event": "stopped"' in told
    assert '"event": "crash"' not in told
    async with running_service(service_settings(database_url, data_dir), Clock(datetime.now(UTC))) as after:
        ana = Device(after, **answers[-1].json()["data"])
        assert len((await ana.ok("GET", "/v1/auth/sessions"))["sessions"]) == 26


async def test_a_second_signal_hurries_a_drain(data_dir: Path) -> None:
    with served(data_dir, drain_seconds=60) as server:
        for _ in range(2):
            server.process.send_signal(signal.SIGTERM)
            await asyncio.sleep(0.3)
        begun = time.monotonic()
        assert await asyncio.to_thread(server.process.wait, 10) == 0
        assert time.monotonic() - begun < 5


async def test_a_request_that_never_ends_does_not_hold_the_server_for_ever(data_dir: Path) -> None:
    with served(data_dir, shutdown_seconds=1) as server:
        reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
        writer.write(b"POST /v1/auth/login HTTP/1.1\r\nhost: test\r\ncontent-length: 100\r\n\r\n{")
        await writer.drain()
        await asyncio.sleep(0.2)
        begun = time.monotonic()
        server.process.send_signal(signal.SIGTERM)
        assert await asyncio.to_thread(server.process.wait, 10) == 0
        assert time.monotonic() - begun < 6
        await reader.read()
        writer.close()
