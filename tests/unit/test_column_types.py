"""Times and ids mean the same on both databases."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta, timezone
from uuid import UUID

import pytest
from sqlalchemy import text
from sqlalchemy.exc import StatementError

from chatsvc.column_types import to_millisecond, wire_time
from chatsvc.db import Database, ReadSession, Tx
from chatsvc.db.engines import make_engines
from chatsvc.ids import new_id
from chatsvc.settings import Settings
from chatsvc.tables import AuthEvent

THERE = timezone(timedelta(hours=5))


@pytest.fixture
async def db(database_url: str) -> AsyncIterator[Database]:
    database = Database(make_engines(Settings(database_url=database_url)))
    yield database
    await database.close()


async def _store(tx: Tx, event: AuthEvent) -> None:
    tx.session.add(event)


async def _load(session: ReadSession, *, event_id: UUID) -> AuthEvent:
    found = await session.session.get(AuthEvent, event_id)
    assert found is not None
    return found


async def _stored(session: ReadSession) -> list[str]:
    """Id and time as the database itself shows them."""
    at = {"sqlite": "at", "postgresql": "to_char(at AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS.USZ')"}
    sql = f"SELECT CAST(id AS text), {at[session.connection.dialect.name]} FROM auth_events"
    return list((await session.connection.execute(text(sql))).one())


def an_event(at: datetime) -> AuthEvent:
    return AuthEvent(id=new_id(), at=at, event="login", outcome="ok")


@pytest.mark.parametrize(
    ("given", "stored"),
    [
        (datetime(2026, 1, 1, 3, 0, tzinfo=THERE), datetime(2025, 12, 31, 22, 0, tzinfo=UTC)),
        (datetime(2026, 1, 1, 3, 0, 0, 123_999, UTC), datetime(2026, 1, 1, 3, 0, 0, 123_000, UTC)),
        (datetime(2026, 1, 1, 3, 0, 0, 999, UTC), datetime(2026, 1, 1, 3, 0, 0, 0, UTC)),
        (datetime(1, 1, 2, tzinfo=UTC), datetime(1, 1, 2, tzinfo=UTC)),
        (datetime(9999, 12, 30, tzinfo=UTC), datetime(9999, 12, 30, tzinfo=UTC)),
    ],
)
async def test_times_are_kept_in_utc_to_the_millisecond(db: Database, given: datetime, stored: datetime) -> None:
    await db.execute(_store, event := an_event(given))
    found = await db.read(_load, event_id=event.id)
    assert found.at == stored
    assert found.at.tzinfo is UTC
    _, shown = await db.read(_stored)
    assert datetime.fromisoformat(shown) == stored
    assert db.engines.writer.dialect.name == "postgresql" or shown == wire_time(stored)


async def test_a_time_without_a_zone_is_refused(db: Database) -> None:
    with pytest.raises(StatementError, match="without a zone"):
        await db.execute(_store, an_event(datetime(2026, 1, 1)))  # noqa: DTZ001 - the mistake under test


async def test_ids_are_uuids_in_lower_case_and_nothing_is_null(db: Database) -> None:
    event = an_event(datetime(2026, 1, 1, tzinfo=UTC))
    event.id = UUID("ABCDEF00-0000-7000-8000-00000000ABCD")
    await db.execute(_store, event)
    found = await db.read(_load, event_id=event.id)
    assert isinstance(found.id, UUID)
    assert (found.id, found.user_id) == (event.id, None)
    assert (await db.read(_stored))[0] == "abcdef00-0000-7000-8000-00000000abcd"


async def test_times_and_ids_sort_alike_on_both(db: Database) -> None:
    moments = [datetime(2026, 1, 1, tzinfo=UTC) + timedelta(milliseconds=37 * n) for n in (5, 1, 30, 2, 900, 0)]
    for moment in moments:
        await db.execute(_store, an_event(moment))

    async def in_order(session: ReadSession) -> list[str]:
        sql = "SELECT CAST(id AS text) FROM auth_events ORDER BY "
        times = (await session.connection.execute(text(sql + "at"))).scalars().all()
        ids = (await session.connection.execute(text(sql + "id"))).scalars().all()
        assert list(ids) == sorted(ids)
        return list(times)

    first, *_ = await db.read(in_order)
    assert (await db.read(_load, event_id=UUID(first))).at == min(moments)


def test_the_wire_form_is_rfc_3339_with_milliseconds_and_z() -> None:
    moment = datetime(2026, 11, 23, 8, 20, 19, 123_999, THERE)
    assert wire_time(moment) == "2026-11-23T03:20:19.123Z"
    assert to_millisecond(moment) == datetime(2026, 11, 23, 3, 20, 19, 123_000, UTC)
    assert to_millisecond(moment).tzinfo is UTC
