"""Other processes that open and close the SQLite file while the server runs take nothing away from it."""

import asyncio
import signal
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from tests.histories.load import loading
from tests.support.databases import DatabaseKind
from tests.support.processes import run_cli, start_server, wait_until_ready
from tests.support.proof import Proof


@pytest.fixture(scope="session")
def kind(sqlite: DatabaseKind) -> DatabaseKind:
    """Postgres is a process of its own."""
    return sqlite


@pytest.mark.proves("commands of the CLI, backups and readers beside the server lose nothing, though it is killed then")
@pytest.mark.timeout(300)
async def test_who_opens_the_file_beside_the_server_takes_nothing_away(
    database_url: str, data_dir: Path, tmp_path: Path, proof: Proof
) -> None:
    """The last process to close a file in WAL mode folds the log in and deletes it: it must not believe that it is."""
    settings: dict[str, Any] = {"database_url": database_url, "rate_limits": "off", "log_level": "warning"}
    path, rounds = Path(database_url.removeprefix("sqlite:///")), proof.depth(1, 12)
    server = start_server(data_dir, **settings)
    try:
        wait_until_ready(server)
        async with loading([server.address], proof.random, clients=12) as load:
            for number in range(rounds):
                await load.run(operations=40)  # so many at once that the pool of readers grows
                log = path.with_name(path.name + "-wal").stat().st_ino
                for command in ("check", "prune"):
                    assert (await asyncio.to_thread(run_cli, data_dir, command, **settings)).returncode == 0
                with closing(sqlite3.connect(path)) as backup:
                    backup.execute("VACUUM INTO ?", (str(tmp_path / f"backup-{number}.db"),))
                assert path.with_name(path.name + "-wal").stat().st_ino == log
                await load.run(operations=20)
                server.stop(signal.SIGKILL)
                server = start_server(data_dir, **settings, port=server.port)
                await asyncio.to_thread(wait_until_ready, server)
            assert await load.verdict() == []
    finally:
        server.stop()
    assert run_cli(data_dir, "check", database_url=database_url).returncode == 0
    proof.database = "sqlite"
    proof.note(f"{rounds} times a check, a pruning and a backup before a kill; {load.told()}")
