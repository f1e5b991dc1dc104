"""A seeded database is one that the service could have written itself."""

import asyncio
import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta
from itertools import islice

import asyncpg
import pytest

from bench.databases import stored
from bench.population import Population, sized
from bench.seeding import seed
from chatsvc.db import Database
from chatsvc.db.engines import make_engines
from chatsvc.ops.check import Report, check
from chatsvc.settings import Settings

_MESSAGES = 10_000


def checked(url: str) -> Report:
    async def run() -> Report:
        db = Database(make_engines(Settings(database_url=url)))
        try:
            return await db.read_primary(check)
        finally:
            await db.close()

    return asyncio.run(run())


def test_a_seeded_database_keeps_every_promise(database_url: str) -> None:
    seed(database_url, sized(_MESSAGES, datetime.now(UTC)))
    report = checked(database_url)
    assert (report.messages, report.breaches) == (_MESSAGES, [])
    assert stored(database_url) == _MESSAGES
    with pytest.raises(ValueError, match="not empty"):
        seed(database_url, sized(_MESSAGES, datetime.now(UTC)))
    assert checked(database_url) == report


def test_filling_leaves_the_schema_as_the_migrations_made_it(database_url: str) -> None:
    before = constraints(database_url)
    seed(database_url, sized(_MESSAGES, datetime.now(UTC)))
    assert constraints(database_url) == before
    assert len(before) >= 5


def constraints(url: str) -> list[str]:
    """Of `messages`, with the settings that a file of SQLite keeps: what filling does without for a while."""

    async def run() -> list[str]:
        connection = await asyncpg.connect(url)
        try:
            rows = await connection.fetch(
                "SELECT conname || ' ' || pg_get_constraintdef(oid) FROM pg_constraint "
                "WHERE conrelid = 'messages'::regclass ORDER BY 1"
            )
        finally:
            await connection.close()
        return [row[0] for row in rows]

    if url.startswith("postgresql"):
        return asyncio.run(run())
    with closing(sqlite3.connect(url.removeprefix("sqlite:///"))) as connection:
        kept = [
            f"{name}={connection.execute(f'PRAGMA {name}').fetchone()[0]}" for name in ("journal_mode", "page_size")
        ]
        return [*(sql for (sql,) in connection.execute("SELECT coalesce(sql, name) FROM sqlite_master")), *kept]


def test_those_who_are_measured_are_the_same_at_every_size() -> None:
    now = datetime.now(UTC)
    small, large = sized(10_000, now), sized(5_000_000, now)
    assert measured_talks(small) == measured_talks(large)
    assert large.people > 20 * small.people


def measured_talks(population: Population) -> list[tuple[str, str, int]]:
    """Conversations of the groups: whose first they are, and how long."""
    talks = islice(population.talks(), sum(group.people * group.conversations for group in population.groups))
    return [
        (population.user_key(talk.members[0]), population.conversation_key(talk.number), talk.messages)
        for talk in talks
    ]


def test_no_pair_has_two_conversations() -> None:
    for messages in (10_000, 300_000):
        pairs = [frozenset(talk.members) for talk in sized(messages, datetime.now(UTC)).talks()]
        assert all(len(pair) == 2 for pair in pairs)
        assert len(set(pairs)) == len(pairs)


def test_fewer_messages_than_the_measured_people_have_are_refused() -> None:
    with pytest.raises(ValueError, match="too few"):
        sized(100, datetime.now(UTC))


def test_nothing_was_said_in_the_future() -> None:
    people = sized(10_000, datetime.now(UTC) - timedelta(days=1))
    assert people.begins + people.messages * people.step <= people.now.timestamp() * 1_000
