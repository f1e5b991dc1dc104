"""A query sees one moment, cannot write, and asks the primary where a replica may not decide."""

import socket
from collections.abc import Awaitable, Callable
from uuid import UUID

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from chatsvc.db import Database, ReadSession
from chatsvc.errors import ConversationNotFound
from chatsvc.settings import Settings
from tests.db.counting import WRITE, a_user, bump, open_counter, opened, value_of
from tests.support.postgres import free_port

_ANY = UUID(int=1)


async def _write_past_the_session(session: ReadSession) -> None:
    await session.rows(WRITE, id=_ANY, value=2)


async def _write_through_the_session(session: ReadSession) -> None:
    session.session.add(a_user(_ANY, session.now))
    await session.session.flush()


@pytest.mark.parametrize("query", [_write_past_the_session, _write_through_the_session])
async def test_a_query_cannot_write(db: Database, query: Callable[[ReadSession], Awaitable[None]]) -> None:
    with pytest.raises(DBAPIError) as refused:
        await db.read(query)
    driver = refused.value.orig
    assert getattr(driver, "sqlite_errorname", None) == "SQLITE_READONLY" or getattr(driver, "sqlstate", "") == "25006"


async def test_a_snapshot_does_not_see_a_later_commit(db: Database) -> None:
    counter = await db.execute(open_counter, None)

    async def look_twice(session: ReadSession) -> tuple[int, int]:
        before = await value_of(session, counter=counter)
        await db.execute(bump, counter)
        return before, await value_of(session, counter=counter)

    assert await db.read(look_twice) == (1, 1)
    assert await db.read(value_of, counter=counter) == 2


async def test_a_query_sees_what_was_committed_before_it_began(db: Database) -> None:
    counter = await db.execute(open_counter, None)
    for expected in range(2, 30):
        await db.execute(bump, counter)
        assert await db.read(value_of, counter=counter) == expected


@pytest.fixture
def with_replica(postgres_database_url: str) -> Settings:
    """The replica is the primary under another name, which is all that the rules can tell."""
    return Settings(database_url=postgres_database_url, read_database_url=postgres_database_url)


async def test_what_only_the_primary_may_say_is_asked_there_on_one_snapshot(with_replica: Settings) -> None:
    asked: list[bool] = []

    async def query(session: ReadSession, *, word: str) -> str:
        asked.append(session.on_replica)
        session.only_on_primary()
        return word

    async with opened(with_replica) as db:
        assert await db.read(query, word="reset") == "reset"
    assert asked == [True, False]


async def test_a_refusal_of_a_replica_is_checked_on_the_primary(with_replica: Settings) -> None:
    asked: list[bool] = []

    async def missing(session: ReadSession) -> None:
        asked.append(session.on_replica)
        raise ConversationNotFound

    async def late(session: ReadSession) -> str:
        asked.append(session.on_replica)
        if session.on_replica:
            raise ConversationNotFound
        return "found"

    async with opened(with_replica) as db:
        with pytest.raises(ConversationNotFound):
            await db.read(missing)
        assert await db.read(late) == "found"
    assert asked == [True, False, True, False]


async def test_a_query_that_the_replica_cancels_is_run_on_the_primary(with_replica: Settings) -> None:
    """A standby cancels a query in conflict with recovery with 40001, and 57P01 when it is shut down."""

    async def cancelled(session: ReadSession, *, state: str) -> bool:
        if session.on_replica:
            error = f"DO $$ BEGIN RAISE EXCEPTION 'x' USING ERRCODE = '{state}'; END $$"
            await session.connection.execute(text(error))
        return session.on_replica

    async with opened(with_replica) as db:
        for state in ("40001", "57P01", "57014"):
            assert await db.read(cancelled, state=state) is False


async def test_what_the_replica_may_decide_stays_there_and_the_primary_can_be_asked_for(with_replica: Settings) -> None:
    async def where(session: ReadSession) -> bool:
        return session.on_replica

    async with opened(with_replica) as db:
        assert await db.read(where) is True
        assert await db.read_primary(where) is False


async def test_a_dead_replica_is_done_without(postgres_database_url: str) -> None:
    dead = f"postgresql://nobody@127.0.0.1:{free_port()}/nothing"
    async with opened(Settings(database_url=postgres_database_url, read_database_url=dead)) as db:
        counter = await db.execute(open_counter, None)
        assert await db.read(value_of, counter=counter) == 1


async def test_a_silent_replica_delays_the_first_query_alone(
    postgres_database_url: str, silent: socket.socket, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("chatsvc.db.postgres._CONNECT_SECONDS", 0.5)  # 5 in earnest
    url = f"postgresql://nobody@127.0.0.1:{silent.getsockname()[1]}/nothing"
    async with opened(Settings(database_url=postgres_database_url, read_database_url=url)) as db:
        counter = await db.execute(open_counter, None)
        silent.settimeout(0)
        for _ in range(5):
            assert await db.read(value_of, counter=counter) == 1
    assert _waiting(silent) == 1


def _waiting(server: socket.socket) -> int:
    count = 0
    while True:
        try:
            server.accept()[0].close()
        except BlockingIOError:
            return count
        count += 1
