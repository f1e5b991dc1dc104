"""Allowances that replicas share through the database, and what holds when it is away."""

from collections.abc import Iterator
from pathlib import Path

import asyncpg
import pytest

from tests.support.databases import DatabaseKind
from tests.support.service import PASSWORD, Clock, running_service, service_settings


@pytest.fixture
def shared_url(postgresql: DatabaseKind) -> Iterator[str]:
    """Only Postgres is served by several processes."""
    with postgresql.fresh() as url:
        yield url


LOGIN = {"username": "ana", "password": "wrong"}


async def _refused(url: str, data_dir: Path, store: str, *, ahead: float = 0) -> list[int]:
    """The answers to four logins of one user, turn by turn at two replicas."""
    settings = service_settings(url, data_dir, rate_limits="on", rate_limit_store=store, limit_login="2/100")
    ours, theirs = Clock(), Clock()
    theirs.advance(seconds=ahead)
    async with running_service(settings, ours) as one, running_service(settings, theirs) as other:
        turns = [one, other, one, other]
        return [(await service.call("POST", "/v1/auth/login", LOGIN)).status_code for service in turns]


async def test_replicas_share_their_counts_in_the_database(shared_url: str, data_dir: Path) -> None:
    assert await _refused(shared_url, data_dir, "database") == [401, 401, 429, 429]
    assert await _refused(shared_url, data_dir, "memory") == [401, 401, 401, 401]


async def test_a_replica_whose_clock_is_behind_grants_no_more_than_there_is(shared_url: str, data_dir: Path) -> None:
    settings = service_settings(
        shared_url, data_dir, rate_limits="on", rate_limit_store="database", limit_send="10/10", limit_open="10/10"
    )
    ahead = Clock()
    ahead.advance(seconds=5)
    async with running_service(settings, ahead) as one, running_service(settings) as behind:
        ana = await one.newcomer()
        conversation_id = await ana.open_direct(await one.newcomer())
        items = [
            {"conversation_id": conversation_id, "client_message_id": f"k{at}", "content": "hi"} for at in range(30)
        ]
        assert sum(result["status"] == 201 for result in (await ana.batch(items)).json()["data"]["results"]) == 10
        ana.service = behind
        told = (await ana.batch(items)).json()["data"]["results"]
        assert [result["status"] for result in told] == [200] * 10 + [429] * 20


async def test_a_store_that_does_not_answer_leaves_every_process_with_its_own_counts(
    shared_url: str, data_dir: Path
) -> None:
    limits = {"rate_limits": "on", "rate_limit_store": "database", "limit_login": "2/100"}
    async with running_service(service_settings(shared_url, data_dir, lock_timeout_seconds=0.05, **limits)) as service:
        await service.register("ana")
        connection = await asyncpg.connect(shared_url)
        async with connection.transaction():
            await connection.execute("LOCK TABLE rate_limits IN ACCESS EXCLUSIVE MODE")
            login = {"username": "ana", "password": PASSWORD}
            told = [(await service.call("POST", "/v1/auth/login", login)).status_code for _ in range(3)]
        await connection.close()
    assert told == [200, 200, 429]
