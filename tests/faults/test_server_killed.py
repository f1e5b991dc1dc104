"""A server that is killed in the middle of its work, again and again: what was answered stays, what was not may be
asked again."""

import asyncio
import signal
from pathlib import Path

import pytest

from tests.histories.asking import LOST, UNREACHED
from tests.histories.load import loading
from tests.support.databases import DatabaseKind
from tests.support.processes import run_cli, start_server, wait_until_ready
from tests.support.proof import Proof


@pytest.mark.proves("a server killed at any moment loses nothing that it has answered, and nothing is done twice")
@pytest.mark.timeout(400)
async def test_a_killed_server_keeps_its_word(
    kind: DatabaseKind, database_url: str, data_dir: Path, proof: Proof
) -> None:
    settings: dict[str, object] = {"database_url": database_url, "rate_limits": "off", "log_level": "warning"}
    kills = proof.depth(1, 20)
    server = start_server(data_dir, **settings)
    try:
        wait_until_ready(server)
        async with loading([server.address], proof.random, clients=8) as load:
            async with load.running():
                for _ in range(kills):
                    await asyncio.sleep(proof.random.uniform(0.2, proof.depth(0.6, 2)))
                    server.stop(signal.SIGKILL)
                    server = start_server(data_dir, **settings, port=server.port)
                    await asyncio.to_thread(wait_until_ready, server)
                await asyncio.sleep(0.2)
            assert await load.verdict() == []
            assert sum(load.asking.answers.get(status, 0) for status in (LOST, UNREACHED)) > 0
            if proof.deep:  # a single kill may meet nothing but reads
                assert load.history.attempts_of_unknown_outcome() > 0
    finally:
        server.stop()
    assert run_cli(data_dir, "check", database_url=database_url).returncode == 0
    proof.note(f"{kills} kills, {load.told()}")
