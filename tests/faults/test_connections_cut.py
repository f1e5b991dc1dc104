"""Connections between server and Postgres are cut where it hurts: a client is told the truth, or to try again."""

import asyncio
import random
from pathlib import Path

import pytest

from tests.faults.cutting import served_through_a_proxy
from tests.histories.load import loading
from tests.support.databases import DatabaseKind
from tests.support.processes import run_cli
from tests.support.proof import Proof
from tests.support.proxy import Fault, Kind

KINDS: list[Kind] = [
    "commit unsent", "commit unanswered", "question cut", "answer cut", "stall", "half open", "slow",
]  # fmt: skip


@pytest.fixture(scope="session")
def kind(postgresql: DatabaseKind) -> DatabaseKind:
    """SQLite has no connection that could be cut."""
    return postgresql


def thrown(randomness: random.Random, kind: Kind) -> Fault:
    """Somewhere in a message, some of them with a reset."""
    seconds = randomness.uniform(0.05, 0.3) if kind == "stall" else randomness.uniform(0.1, 1)
    return Fault(kind, randomness.choice([0, 1, 5, 6, 30, 200]), seconds, reset=randomness.random() < 0.5)


@pytest.mark.proves("a connection cut anywhere is a right answer or 503, and never a second message")
@pytest.mark.timeout(300)
async def test_a_load_through_connections_that_are_cut(database_url: str, data_dir: Path, proof: Proof) -> None:
    kinds = KINDS * proof.depth(1, 15)
    proof.random.shuffle(kinds)
    async with (
        served_through_a_proxy(database_url, data_dir) as (address, proxy),
        loading([address], proof.random, clients=8) as load,
    ):
        async with load.running():
            for kind in kinds:
                proxy.armed.append(thrown(proof.random, kind))
                await asyncio.sleep(proof.random.uniform(0.05, proof.depth(0.15, 0.5)))
        proxy.armed.clear()
        assert await load.verdict() == []
    assert run_cli(data_dir, "check", database_url=database_url).returncode == 0
    if proof.deep:
        assert set(proxy.done) == set(KINDS)
        assert sum(proxy.done.values()) >= 60
    proof.database = "postgresql"
    cuts = ", ".join(f"{proxy.done[kind]} × {kind}" for kind in KINDS)
    proof.note(f"{cuts}; {load.asking.answers.get(503, 0)} times 503; {load.told()}")
