"""From one file to Postgres and back, with real processes, while people write on their phones."""

import asyncio
import random
import signal
import sqlite3
import subprocess
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, suppress
from itertools import pairwise
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from chatsvc.db.bulk import open_side
from chatsvc.db.urls import parse_database_url
from tests.faults.people import People, with_phones
from tests.ops.conftest import MANY_ROWS, rows_in
from tests.support.databases import DatabaseKind
from tests.support.phone import Answer, over_http
from tests.support.processes import CHATSVC, chatsvc_environment, plain_client, run_cli, served
from tests.support.proof import Proof

_BALLAST = 20_000  # rows that make a copy long enough to be killed in its middle

_STARTING_OVER = {"sync_epoch_changed", "refresh_token_invalid", "refresh_token_reused"}


@pytest.fixture
def places(sqlite: DatabaseKind, postgresql: DatabaseKind) -> Iterator[list[str]]:
    """Where the data are, one after the other."""
    with (
        sqlite.fresh() as first,
        postgresql.fresh(migrated=False) as second,
        sqlite.fresh(migrated=False) as third,
    ):
        yield [first, second, third]


@pytest.mark.proves("a move to another database is not noticed by phones; killed at any moment, it leaves nothing")
@pytest.mark.timeout(600)
async def test_a_swap_and_another_one_back(places: list[str], tmp_path: Path, proof: Proof) -> None:
    kills = 0
    await _add_ballast(places[0])
    with with_phones(tmp_path, proof.random) as people:
        for here, there in pairwise(places):
            async with _reachable(people, tmp_path, here):
                if not people.phones:
                    await people.arrive(4)
                await people.act(proof.depth(5, 60))
            await people.act(3)  # into their outboxes
            kills += await _move(tmp_path, here, there, proof.random, kills=proof.depth(1, 10))
            refused = await asyncio.to_thread(run_cli, tmp_path / "data", "serve", database_url=here)
            assert (refused.returncode, "moved" in refused.stderr) == (2, True)
        async with _reachable(people, tmp_path, places[-1]):
            await people.act(proof.depth(5, 60))
            await people.settle()
            await people.require_equal()
        written = len(people.written)
    proof.database = "both"
    proof.note(f"{len(places) - 1} moves, {kills} killed copies before them, {written:,} messages written")


async def _add_ballast(url: str) -> None:
    place = parse_database_url(url)
    async with open_side(place, to_fill=True) as side:
        await side.execute(MANY_ROWS[place.dialect].format(_BALLAST))


@asynccontextmanager
async def _reachable(people: People, folder: Path, url: str) -> AsyncIterator[None]:
    """A server on a database, and phones that reach it; those that were there before do not start over on it."""
    known = bool(people.phones)
    serving = served(folder / "data", database_url=url, rate_limits="off", log_level="warning")
    server = await asyncio.to_thread(serving.__enter__)
    try:
        async with plain_client(server.address, timeout=10) as client:
            carry = over_http(client)

            async def watched(method: str, path: str, body: Any, token: str | None) -> Answer:
                answer = await carry(method, path, body, token)
                assert answer.code not in _STARTING_OVER
                if known and path == "/v1/sync/changes" and answer.status == 200:
                    items = answer.body["data"]["conversations"].values()
                    assert not {"reset", "gone"} & {item["status"] for item in items}
                return answer

            people.server = watched
            yield
    finally:
        people.server = None
        await asyncio.to_thread(serving.__exit__, None, None, None)


async def _move(folder: Path, here: str, there: str, chance: random.Random, *, kills: int) -> int:
    """Copy for good, after some attempts that are killed; gives how many were."""
    for number in range(kills):
        process = _copying(folder, here, there)
        with suppress(subprocess.TimeoutExpired):
            await asyncio.to_thread(process.wait, chance.uniform(0.8, 2.5))
        process.send_signal(signal.SIGKILL)
        await asyncio.to_thread(process.wait, 30)
        if sum((await _rows(there)).values()) > 1:  # what the schema brings along is one
            # It was about to end. What is there is whole.
            assert (await asyncio.to_thread(run_cli, folder, "verify", *_from_to(here, there))).returncode == 0
            assert (
                await asyncio.to_thread(run_cli, folder, "verify", *_from_to(here, there), "--final")
            ).returncode == 0
            return number + 1
    process = _copying(folder, here, there)
    assert await asyncio.to_thread(process.wait, 60) == 0
    assert (await asyncio.to_thread(run_cli, folder, "verify", *_from_to(here, there))).returncode == 0
    return kills


def _from_to(here: str, there: str) -> list[str]:
    return ["--from", here, "--to", there]


def _copying(folder: Path, here: str, there: str) -> "subprocess.Popen[bytes]":
    command = [CHATSVC, "copy", *_from_to(here, there), "--final"]
    with (folder / "copy.log").open("ab") as log:
        return subprocess.Popen(command, env=chatsvc_environment(folder / "data"), stdout=log, stderr=log)


async def _rows(url: str) -> dict[str, int]:
    try:
        return await rows_in(url)
    except (FileNotFoundError, sqlite3.OperationalError, asyncpg.UndefinedTableError):
        return {}  # killed before there was a schema
