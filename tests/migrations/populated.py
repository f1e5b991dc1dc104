"""Rows in every table, and all that a database holds."""

from datetime import timedelta
from typing import Any

from sqlalchemy import Connection, select

from chatsvc import tables
from chatsvc.db import Database, Tx, schema
from chatsvc.db.engines import make_engines
from chatsvc.db.urls import DatabaseUrl
from chatsvc.ids import new_id
from chatsvc.settings import Settings

Contents = dict[str, list[tuple[Any, ...]]]


async def fill(database_url: str) -> None:
    """Two people with a session each, a chain of refresh tokens, a conversation, messages, and the rest."""
    database = Database(make_engines(Settings(database_url=database_url)))
    await database.execute(_fill, None)
    await database.close()


async def contents(url: DatabaseUrl) -> Contents:
    def read(connection: Connection) -> Contents:
        rows = {name: connection.execute(select(table)).all() for name, table in tables.metadata.tables.items()}
        return {name: sorted((tuple(row) for row in found), key=repr) for name, found in rows.items()}

    return await schema.in_migration(url, Settings(), read)


async def _fill(tx: Tx, _: None) -> None:
    session, now = tx.session, tx.now
    people = [new_id(), new_id()]
    for number, person in enumerate(people):
        name = f"person{number}"
        session.add(
            tables.User(
                id=person,
                username=name,
                display_name=name,
                display_name_folded=name,
                password_hash="-",
                created_at=now,
                updated_at=now,
            )
        )
    await session.flush()
    for person in people:
        await _log_in(tx, person)
    conversation = new_id()
    key = ":".join(sorted(map(str, people)))
    session.add(tables.Conversation(id=conversation, type="direct", direct_key=key, created_at=now, updated_at=now))
    await session.flush()
    session.add(tables.ConversationCounter(conversation_id=conversation, next_seq=4))
    for person in people:
        session.add(
            tables.ConversationMember(conversation_id=conversation, user_id=person, joined_at=now, role="member")
        )
    for seq in range(1, 4):
        session.add(
            tables.Message(
                id=new_id(),
                conversation_id=conversation,
                sender_id=people[seq % 2],
                client_message_id=f"key-{seq}",
                seq=seq,
                content=f"Nr. {seq} 🦊",
                created_at=now,
            )
        )
    session.add(tables.RateLimit(key="login:1", full_at=now))


async def _log_in(tx: Tx, person: Any) -> None:
    later = tx.now + timedelta(days=60)
    login, parent = new_id(), None
    tx.session.add(tables.Session(id=login, user_id=person, created_at=tx.now, last_used_at=tx.now, expires_at=later))
    await tx.session.flush()
    for _ in range(3):
        token = tables.RefreshToken(
            id=new_id(),
            user_id=person,
            session_id=login,
            parent_id=parent,
            token_hash=new_id().hex * 2,
            issued_at=tx.now,
            expires_at=later,
        )
        tx.session.add(token)
        await tx.session.flush()
        parent = token.id
    tx.session.add(tables.AuthEvent(id=new_id(), at=tx.now, event="login", outcome="ok", user_id=person))
