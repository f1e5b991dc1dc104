"""The smallest command that loses updates where it may: read a counter, wait a little, write it back."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import asyncpg

from chatsvc.db import Database, ReadSession, Statement, Tx
from chatsvc.db.engines import make_engines
from chatsvc.db.urls import parse_database_url
from chatsvc.ids import new_id
from chatsvc.settings import Settings
from chatsvc.tables import Conversation, ConversationCounter, User

LOCK = Statement(
    "SELECT c.next_seq FROM conversation_counters c WHERE c.conversation_id = :id {lock:c}",
    parameters={"id": "uuid"},
    columns={"next_seq": "bigint"},
)
LOOK = Statement(
    "SELECT next_seq FROM conversation_counters WHERE conversation_id = :id",
    parameters={"id": "uuid"},
    columns={"next_seq": "bigint"},
)
WRITE = Statement(
    "UPDATE conversation_counters SET next_seq = :value WHERE conversation_id = :id",
    parameters={"id": "uuid", "value": "bigint"},
)


async def open_counter(tx: Tx, _: None = None) -> UUID:
    """A user and a conversation whose counter stands at 1, left to the session to write."""
    user, conversation = new_id(), new_id()
    key = f"{user}:{conversation}"
    tx.session.add(a_user(user, tx.now))
    tx.session.add(
        Conversation(id=conversation, type="direct", direct_key=key, created_at=tx.now, updated_at=tx.now),
    )
    await tx.session.flush()
    tx.session.add(ConversationCounter(conversation_id=conversation, next_seq=1))
    return conversation


def a_user(user_id: UUID, now: Any, name: str = "") -> User:
    name = name or user_id.hex
    return User(
        id=user_id,
        username=name,
        display_name=name,
        display_name_folded=name,
        password_hash="-",
        created_at=now,
        updated_at=now,
    )


async def bump(tx: Tx, counter: UUID) -> int:
    """One more, and what it was. Announces the counter."""
    found = (await tx.rows(LOCK, id=counter))[0].next_seq
    await asyncio.sleep(0.002)
    await tx.rows(WRITE, id=counter, value=found + 1)
    tx.changed.add(counter)
    return int(found)


async def value_of(session: ReadSession, *, counter: UUID) -> int:
    return int((await session.rows(LOOK, id=counter))[0].next_seq)


@dataclass
class Announced:
    """What `after_commit` was told, call by call."""

    calls: list[tuple[set[UUID], set[UUID]]] = field(default_factory=list)

    def __call__(self, *, changed: set[UUID], ended: set[UUID]) -> None:
        self.calls.append((changed, ended))


@asynccontextmanager
async def opened(settings: Settings, announce: Callable[..., None] = lambda **_: None) -> AsyncIterator[Database]:
    database = Database(make_engines(settings), after_commit=announce)
    try:
        yield database
    finally:
        await database.close()


@asynccontextmanager
async def held_by_another(url: str, counter: UUID) -> AsyncIterator[None]:
    """Somebody else has the counter's lock: the row's on Postgres, the file's on SQLite."""
    parsed = parse_database_url(url)
    if parsed.path:
        other = sqlite3.connect(parsed.path, isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        try:
            yield
        finally:
            other.close()
        return
    connection = await asyncpg.connect(url)
    try:
        async with connection.transaction():
            await connection.execute("SELECT FROM conversation_counters WHERE conversation_id = $1 FOR UPDATE", counter)
            yield
    finally:
        await connection.close()
