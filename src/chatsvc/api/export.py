"""All that is held of a person as one JSON object, written while it is read."""

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from pydantic import TypeAdapter

from chatsvc.db import Database
from chatsvc.queries.personal_data import (
    FIRST,
    AuditEntry,
    ConversationPart,
    HeldSession,
    audit_entries,
    conversation_part,
    person,
)
from chatsvc.resources import Message, User, WireId

_AT_ONCE = 500  # messages, or entries of the audit log, that are read and held at a time


@dataclass(slots=True)
class Export:
    """What the parts make together."""

    user: User
    sessions: list[HeldSession]
    audit_log: list[AuditEntry]
    conversations: list[ConversationPart]


_user: TypeAdapter[User] = TypeAdapter(User)
_sessions: TypeAdapter[list[HeldSession]] = TypeAdapter(list[HeldSession])
_entries: TypeAdapter[list[AuditEntry]] = TypeAdapter(list[AuditEntry])
_part: TypeAdapter[ConversationPart] = TypeAdapter(ConversationPart)
_messages: TypeAdapter[list[Message]] = TypeAdapter(list[Message])


async def export(
    db: Database, user_id: UUID, *, read: Callable[[int], None] = lambda _messages: None
) -> AsyncIterator[bytes]:
    """The JSON of an Export, in pieces. Memory is bounded, whatever is held. Raises UserNotFound before the first.

    `read` is told of the messages that passed.
    """
    found = await db.read_primary(person, user_id=user_id)
    yield b'{"user":%b,"sessions":%b,"audit_log":[' % (_user.dump_json(found.user), _sessions.dump_json(found.sessions))
    async for piece in _audit_log(db, user_id):
        yield piece
    yield b'],"conversations":['
    for at, (conversation_id, head_seq) in enumerate(found.heads.items()):
        yield b"," if at else b""
        async for piece in _conversation(db, conversation_id):
            yield piece
        read(head_seq)
    yield b"]}"


async def _audit_log(db: Database, user_id: UUID) -> AsyncIterator[bytes]:
    after, separator = FIRST, b""
    while entries := await db.read_primary(audit_entries, user_id=user_id, after=after, limit=_AT_ONCE):
        yield separator + _inside(_entries, entries)
        after, separator = (entries[-1].at, entries[-1].id), b","


async def _conversation(db: Database, conversation_id: WireId) -> AsyncIterator[bytes]:
    async def part(first: int) -> ConversationPart:
        asked = {"conversation_id": conversation_id, "first_seq": first, "last_seq": first + _AT_ONCE - 1}
        return await db.read_primary(conversation_part, **asked)

    begun = await part(1)
    yield _part.dump_json(begun).removesuffix(b"]}")
    for first in range(1 + _AT_ONCE, begun.conversation.head_seq + 1, _AT_ONCE):
        yield b"," + _inside(_messages, (await part(first)).messages)
    yield b"]}"


def _inside(adapter: TypeAdapter[Any], items: list[Any]) -> bytes:
    return adapter.dump_json(items)[1:-1]
