"""A disk that is full under SQLite: writes are `try_again`, reads go on, and nothing that was answered is lost."""

import asyncio
import signal
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from tests.histories.load import Load, loading
from tests.support.full_disks import SmallDisk, SmallFiles, small_disk
from tests.support.processes import ServerProcess, run_cli, start_server, wait_until_ready
from tests.support.proof import Proof

PATIENCE_SECONDS = 15
_ENDS = (signal.SIGTERM, signal.SIGKILL)
SETTINGS: dict[str, object] = {"rate_limits": "off", "log_level": "warning"}


@pytest.mark.proves(
    "a full disk is try_again and loses nothing; reads go on, and so do writes when there is room again"
)
@pytest.mark.timeout(400)
async def test_a_full_disk_loses_nothing(tmp_path: Path, proof: Proof) -> None:
    told = []
    for mount, times in proof.depth([(True, 1)], [(True, 5), (False, 2)]):
        with small_disk(tmp_path / f"disk-{mount}", megabytes=8 * times, mount=mount) as disk:
            told.append(await _filled(disk, proof, times))
            checked = run_cli(disk.path, "check")
            assert checked.returncode == 0, checked.stderr
    proof.database = "sqlite"
    proof.note("; ".join(told))


async def _filled(disk: SmallDisk | SmallFiles, proof: Proof, times: int) -> str:
    restarts, server = 0, start_server(disk.path, **SETTINGS)
    try:
        wait_until_ready(server)
        async with loading([server.address], proof.random, clients=8) as load:
            async with load.running():
                for number in range(times):
                    await asyncio.sleep(proof.random.uniform(0.1, proof.depth(0.4, 3)))
                    disk.fill(server.process.pid)
                    await _writes_are_refused(load)
                    await _reads_go_on(load)
                    if number % 2 and isinstance(disk, SmallDisk):
                        server = await _restarted(server, disk.path, proof.random.choice(_ENDS))
                        restarts += 1
                    disk.free(server.process.pid)
                    server = await _back_if_it_refused(server, disk.path)
                    await _writes_go_on(load)
            assert await load.verdict() == []
    finally:
        server.stop()
    refused = f"{load.asking.answers[503]:,} times 503"
    return f"{times} × {disk.called}, {restarts} restarts meanwhile, {refused}, {load.told()}"


async def _writes_are_refused(load: Load) -> None:
    """`Retry-After` is looked at where the answers are read."""
    enough = load.asking.answers.get(503, 0) + 20
    await _until(lambda: _true(load.asking.answers.get(503, 0) >= enough), "a full disk refuses nothing")


async def _reads_go_on(load: Load) -> None:
    person, address = load.people[0], load.addresses[0]
    for path in ("/v1/sync/bootstrap", "/v1/conversations", f"/v1/conversations/{person.conversations[0]}/messages"):
        answer = await load.asking.ask("GET", address + path, by=person)
        assert answer.ok, answer


async def _writes_go_on(load: Load) -> None:
    """Without a restart."""
    person, address = load.people[0], load.addresses[0]
    answered = load.history.acknowledged()
    await _until(lambda: _true(load.history.acknowledged() > answered), "there is room again, and nothing is written")
    answer = await load.asking.ask("PATCH", f"{address}/v1/users/me", {"display_name": "Ana"}, by=person)
    assert answer.ok, answer


async def _restarted(server: ServerProcess, data_dir: Path, how: signal.Signals) -> ServerProcess:
    """While the disk is full. It reads, or it says why it does not begin: the log of a write needs some room."""
    server.stop(how)
    server = start_server(data_dir, port=server.port, **SETTINGS)

    async def begun_or_refused() -> bool:
        return server.process.poll() is not None or (await asyncio.to_thread(server.get, "/readyz"))[0] == 200

    await _until(begun_or_refused, "a server on a full disk neither begins nor refuses")
    if server.process.poll() is not None:
        assert server.process.returncode == 2
        assert "chatsvc: cannot serve: " in server.output.read_text()
    return server


async def _back_if_it_refused(server: ServerProcess, data_dir: Path) -> ServerProcess:
    if server.process.poll() is None:
        return server
    server = start_server(data_dir, port=server.port, **SETTINGS)
    await asyncio.to_thread(wait_until_ready, server)
    return server


async def _true(fact: bool) -> bool:  # noqa: FBT001
    return fact


async def _until(holds: Callable[[], Awaitable[bool]], complaint: str) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not await holds():
        assert time.monotonic() < deadline, complaint
        await asyncio.sleep(0.05)
