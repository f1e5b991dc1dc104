"""A server that is not there, does not answer or takes too long is `try_again`, soon."""

import socket
import time
from uuid import UUID

import pytest

from chatsvc.db import ReadSession, Statement, Tx
from chatsvc.errors import TryAgain
from chatsvc.settings import Settings
from tests.db.counting import bump, opened, value_of
from tests.support.postgres import free_port

SLEEP = Statement("SELECT pg_sleep(:seconds)", columns={"pg_sleep": "text"})


async def test_a_server_that_never_was_is_try_again() -> None:
    async with opened(Settings(database_url=f"postgresql://nobody@127.0.0.1:{free_port()}/nothing")) as db:
        with pytest.raises(TryAgain):
            await db.execute(bump, UUID(int=1))
        with pytest.raises(TryAgain):
            await db.read(value_of, counter=UUID(int=1))


async def test_a_server_that_answers_nothing_is_try_again_within_one_time_out(
    silent: socket.socket, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("chatsvc.db.postgres._CONNECT_SECONDS", 0.3)  # 5 in earnest, both
    monkeypatch.setattr("chatsvc.db.attempts._PATIENCE_SECONDS", 0.3)
    url = f"postgresql://nobody@127.0.0.1:{silent.getsockname()[1]}/nothing"
    async with opened(Settings(database_url=url)) as db:
        started = time.monotonic()
        with pytest.raises(TryAgain):
            await db.execute(bump, UUID(int=1))
        assert time.monotonic() - started < 1.3


async def test_a_statement_that_takes_too_long_is_try_again(postgres_database_url: str) -> None:
    async def sleep(tx: Tx, seconds: float) -> None:
        await tx.rows(SLEEP, seconds=seconds)

    async def asleep(session: ReadSession, *, seconds: float) -> None:
        await session.rows(SLEEP, seconds=seconds)

    async with opened(Settings(database_url=postgres_database_url, statement_timeout_seconds=0.1)) as db:
        started = time.monotonic()
        with pytest.raises(TryAgain):
            await db.execute(sleep, 5)
        with pytest.raises(TryAgain):
            await db.read(asleep, seconds=5)
        assert time.monotonic() - started < 4
