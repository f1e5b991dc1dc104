"""A server under a steady load for a while: what it holds does not grow."""

import asyncio
import time
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

import asyncpg
import pytest

from tests.histories.load import loading
from tests.support.databases import DatabaseKind
from tests.support.processes import ServerProcess, served
from tests.support.proof import Proof

WEIGHTS = {"one": 40, "batch": 10, "history": 20, "changes": 25, "refresh": 5, "log_in_again": 1}
RATE = 40  # operations a second, well below what one process does: what grows then is a leak and not a queue
POOL = 5
MOST_LOG_BYTES = 16 * 2**20  # SQLite folds it in after every 4 MiB that no reader holds back, the server after 8 MiB
OURS = "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'chatsvc' AND datname = current_database()"


@dataclass
class Samples:
    """What a server held, once in a while."""

    server: ServerProcess
    url: str
    memory: list[float] = field(default_factory=list)
    descriptors: list[float] = field(default_factory=list)
    connections: list[float] = field(default_factory=list)
    log_bytes: list[float] = field(default_factory=list)

    def look(self) -> None:
        here = Path(f"/proc/{self.server.process.pid}")
        (kilobytes,) = (line.split()[1] for line in (here / "status").read_text().splitlines() if line[:6] == "VmRSS:")
        self.memory.append(int(kilobytes) / 1024)
        self.descriptors.append(len(list((here / "fd").iterdir())))
        if self.url.startswith("sqlite"):
            log = Path(self.url.removeprefix("sqlite:///") + "-wal")
            self.log_bytes.append(log.stat().st_size if log.exists() else 0)

    async def take(self) -> None:
        self.look()
        if not self.url.startswith("sqlite"):
            connection = await asyncpg.connect(self.url)
            try:
                self.connections.append(await connection.fetchval(OURS))
            finally:
                await connection.close()

    async def keep_taking(self, every: float) -> None:
        """Until it is cancelled."""
        while True:
            await self.take()
            await asyncio.sleep(every)


def fifths(samples: list[float]) -> tuple[float, float]:
    """The middle of the second fifth, when everything is warm, and that of the last."""
    fifth = max(1, len(samples) // 5)
    return median(samples[fifth : 2 * fifth]), median(samples[-fifth:])


@pytest.mark.proves("under a steady load memory, descriptors, connections and the write-ahead log do not grow")
@pytest.mark.timeout(600)
async def test_a_steady_load_leaves_nothing_behind(
    kind: DatabaseKind, database_url: str, data_dir: Path, proof: Proof
) -> None:
    seconds = proof.depth(2, 300)
    # Small pools: each connection of SQLite has a cache that fills up to 2 MB, and takes its time for it.
    settings = {"database_url": database_url, "rate_limits": "off", "log_level": "warning", "pool_size": POOL}
    with served(data_dir, **settings) as server:
        async with loading([server.address], proof.random, clients=8) as load:
            load.weights = WEIGHTS
            await load.run(seconds=proof.depth(0.5, 10))  # as fast as it goes, until everything is open and warm
            load.rate, warm = RATE, load.operations
            samples = Samples(server, database_url)
            sampling = asyncio.create_task(samples.keep_taking(proof.depth(0.1, 2)))
            began = time.monotonic()
            await load.run(seconds=seconds)
            reached = (load.operations - warm) / (time.monotonic() - began)
            sampling.cancel()
            assert await load.verdict() == []
    memory, descriptors = fifths(samples.memory), fifths(samples.descriptors)
    # Small looks for explosions alone: a Python process that has just begun to work still grows.
    assert memory[1] < memory[0] * proof.depth(1.5, 1.1)
    assert memory[1] - memory[0] < proof.depth(50, 20)
    assert descriptors[1] <= descriptors[0] + 10  # as clients and pools come and go
    if samples.connections:
        assert max(samples.connections) <= 2 * POOL
    assert all(size <= MOST_LOG_BYTES for size in samples.log_bytes)
    assert reached > RATE / 10  # a busy machine is slow, and a load that stood still proves nothing
    held = f"{memory[0]:.0f} → {memory[1]:.0f} MB, {descriptors[0]:.0f} → {descriptors[1]:.0f} descriptors"
    if samples.connections:
        held += ", {:.0f} → {:.0f} connections".format(*fifths(samples.connections))
    else:
        held += f", log at most {max(samples.log_bytes) / 2**20:.1f} MB"
    proof.note(f"{sum(load.asking.answers.values()):,} requests, {reached:.0f} operations a second; {held}")
