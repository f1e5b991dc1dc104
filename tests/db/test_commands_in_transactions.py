"""A command happens as a whole or not at all, whatever else goes on."""

import asyncio
import time
from datetime import UTC, datetime
from uuid import UUID

import pytest

from chatsvc.db import Database, ReadSession, Tx
from chatsvc.errors import RefreshTokenReused, TryAgain
from chatsvc.ids import new_id
from chatsvc.settings import Settings
from chatsvc.tables import User
from tests.db.counting import WRITE, Announced, a_user, bump, held_by_another, open_counter, opened, value_of


async def user_exists(session: ReadSession, *, user_id: UUID) -> bool:
    return await session.session.get(User, user_id) is not None


async def test_forty_increments_at_once_lose_none(database_url: str) -> None:
    async with opened(Settings(database_url=database_url)) as db:
        counter = await db.execute(open_counter, None)
        seen = await asyncio.gather(*(db.execute(bump, counter) for _ in range(40)))
        assert sorted(seen) == list(range(1, 41))
        assert await db.read(value_of, counter=counter) == 41


async def test_what_the_session_was_given_is_written_without_being_asked(db: Database) -> None:
    async def add(tx: Tx, user_id: UUID) -> None:
        tx.session.add(a_user(user_id, tx.now))

    user_id = new_id()
    await db.execute(add, user_id)
    assert await db.read(user_exists, user_id=user_id)


async def test_a_refusal_that_is_returned_is_raised_after_the_commit(settings: Settings) -> None:
    async def revoke(tx: Tx, counter: UUID) -> int | RefreshTokenReused:
        await tx.rows(WRITE, id=counter, value=7)
        tx.ended.add(counter)
        return RefreshTokenReused()

    async with opened(settings, announced := Announced()) as db:
        counter = await db.execute(open_counter, None)
        with pytest.raises(RefreshTokenReused):
            await db.execute(revoke, counter)
        assert await db.read(value_of, counter=counter) == 7
    assert announced.calls == [(set(), set()), (set(), {counter})]


async def test_a_refusal_that_is_raised_rolls_back_and_announces_nothing(settings: Settings) -> None:
    async def refuse(tx: Tx, counter: UUID) -> None:
        await bump(tx, counter)
        tx.session.add(a_user(counter, tx.now))
        await tx.session.flush()
        raise RefreshTokenReused

    async with opened(settings, announced := Announced()) as db:
        counter = await db.execute(open_counter, None)
        with pytest.raises(RefreshTokenReused):
            await db.execute(refuse, counter)
        assert await db.read(value_of, counter=counter) == 1
        assert not await db.read(user_exists, user_id=counter)
    assert len(announced.calls) == 1


async def test_a_defect_rolls_back_and_is_not_retried(db: Database) -> None:
    calls = 0

    async def fail(tx: Tx, counter: UUID) -> None:
        nonlocal calls
        calls += 1
        await bump(tx, counter)
        raise ZeroDivisionError

    counter = await db.execute(open_counter, None)
    with pytest.raises(ZeroDivisionError):
        await db.execute(fail, counter)
    assert (calls, await db.read(value_of, counter=counter)) == (1, 1)


async def test_a_lock_held_too_long_is_try_again_and_soon(db: Database, database_url: str) -> None:
    counter = await db.execute(open_counter, None)
    async with held_by_another(database_url, counter):
        started = time.monotonic()
        with pytest.raises(TryAgain):
            await db.execute(bump, counter)
        assert 0.2 < time.monotonic() - started < 3
    assert await db.execute(bump, counter) == 1


async def test_a_lock_let_go_in_time_is_waited_for(database_url: str) -> None:
    async with opened(Settings(database_url=database_url)) as db:
        counter = await db.execute(open_counter, None)
        async with held_by_another(database_url, counter):
            waiting = asyncio.create_task(db.execute(bump, counter))
            await asyncio.sleep(0.1)
            assert not waiting.done()
        assert await waiting == 1


async def test_cancelled_callers_leave_whole_work_and_a_usable_writer(database_url: str) -> None:
    async def both(tx: Tx, pair: tuple[UUID, UUID]) -> None:
        for counter in pair:
            await bump(tx, counter)

    async with opened(Settings(database_url=database_url)) as db:
        pair = (await db.execute(open_counter, None), await db.execute(open_counter, None))
        for delay in range(12):
            callers = [asyncio.create_task(db.execute(both, pair)) for _ in range(3)]
            await asyncio.sleep(delay / 1000)
            for caller in callers:
                caller.cancel()
            await asyncio.gather(*callers, return_exceptions=True)
        await db.execute(both, pair)
    async with opened(Settings(database_url=database_url)) as db:
        left, right = [await db.read(value_of, counter=counter) for counter in pair]
        assert left == right > 1


async def test_the_clock_is_the_given_one_cut_to_the_millisecond(settings: Settings) -> None:
    async def tell(tx: Tx, _: None) -> datetime:
        return tx.now

    moment = datetime(2026, 11, 23, 3, 20, 19, 123_999, UTC)
    async with opened(settings) as db:
        given = Database(db.engines, clock=lambda: moment)
        assert await given.execute(tell, None) == moment.replace(microsecond=123_000)
