"""Real servers under load: everything that clients were told fits into one history."""

from pathlib import Path

import pytest

from tests.histories.load import loading
from tests.support.databases import DatabaseKind
from tests.support.processes import run_cli, served
from tests.support.proof import Proof


@pytest.mark.proves("what concurrent clients are told fits one gapless order, each message once, reads never stale")
@pytest.mark.timeout(300)
async def test_a_load_leaves_a_history_that_the_contract_allows(
    kind: DatabaseKind, database_url: str, data_dir: Path, proof: Proof
) -> None:
    settings = {"database_url": database_url, "rate_limits": "off", "log_level": "warning"}
    with served(data_dir, **settings) as server:
        async with loading([server.address], proof.random, clients=proof.depth(6, 12)) as load:
            await load.run(seconds=proof.depth(1, 60))
            assert await load.verdict() == []
    assert run_cli(data_dir, "check", database_url=database_url).returncode == 0
    proof.note(load.told())
