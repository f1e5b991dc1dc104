"""All that is held of a person, in parts of a bounded size: each is a snapshot of its own.

What was sent never changes, and seqs have no gaps: up to the head that the first part of a conversation tells, its
parts are as one snapshot would show them, and no snapshot is held for as long as a phone takes to read.
"""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from chatsvc.db import ReadSession, Statement
from chatsvc.errors import UserNotFound
from chatsvc.ids import NOWHERE
from chatsvc.queries.snapshots import Range, conversations_by_id, messages_in
from chatsvc.resources import Conversation, Message, User, WireId, WireTime

_USER = Statement(
    """
    SELECT {id:id} AS id, username, display_name, {time:created_at} AS created_at, {time:updated_at} AS updated_at
    FROM users WHERE id = :user_id
    """,
    parameters={"user_id": "uuid"},
)
_SESSIONS = Statement(
    """
    SELECT {id:id} AS id, device_name, {time:created_at} AS created_at, {time:last_used_at} AS last_used_at,
        {time:expires_at} AS expires_at, {time:ended_at} AS ended_at, end_reason
    FROM sessions WHERE user_id = :user_id ORDER BY created_at, id
    """,
    parameters={"user_id": "uuid"},
)
_CONVERSATIONS = Statement(
    """
    SELECT {id:m.conversation_id} AS id, k.next_seq - 1 AS head_seq FROM conversation_members AS m
    JOIN conversation_counters AS k ON k.conversation_id = m.conversation_id
    WHERE m.user_id = :user_id ORDER BY m.conversation_id
    """,
    parameters={"user_id": "uuid"},
)
_EVENTS = Statement(
    """
    SELECT {id:id} AS id, {time:at} AS at, event, outcome, {id:session_id} AS session_id,
        username, ip, request_id
    FROM auth_events
    WHERE user_id = :user_id AND (at, id) > (:at, :id) ORDER BY at, id LIMIT :count
    """,
    parameters={"user_id": "uuid", "at": "timestamptz", "id": "uuid"},
)
FIRST = ("1970-01-01T00:00:00.000Z", str(NOWHERE))
"""Before the first entry of the audit log."""


@dataclass(slots=True)
class HeldSession:
    id: WireId
    device_name: str | None
    created_at: WireTime
    last_used_at: WireTime
    expires_at: WireTime
    ended_at: WireTime | None
    end_reason: str | None


@dataclass(slots=True)
class AuditEntry:
    id: WireId
    at: WireTime
    event: str
    outcome: str
    session_id: WireId | None
    username: str | None
    ip: str | None
    request_id: str | None


@dataclass(frozen=True, slots=True)
class Person:
    """`heads` are those of all conversations that the person is in."""

    user: User
    sessions: list[HeldSession]
    heads: dict[WireId, int]


@dataclass(slots=True)
class ConversationPart:
    """Some of its messages, ascending."""

    conversation: Conversation
    users: list[User]
    messages: list[Message]


async def person(session: ReadSession, *, user_id: UUID) -> Person:
    """Raises UserNotFound."""
    rows = await session.rows(_USER, user_id=user_id)
    if not rows:
        raise UserNotFound
    sessions = [HeldSession(*row) for row in await session.rows(_SESSIONS, user_id=user_id)]
    heads = {row.id: row.head_seq for row in await session.rows(_CONVERSATIONS, user_id=user_id)}
    return Person(User(*rows[0]), sessions, heads)


async def audit_entries(
    session: ReadSession, *, user_id: UUID, after: tuple[WireTime, WireId], limit: int
) -> list[AuditEntry]:
    """In order of time, after an entry's `at` and `id`."""
    at, last = datetime.fromisoformat(after[0]), UUID(after[1])
    return [AuditEntry(*row) for row in await session.rows(_EVENTS, user_id=user_id, at=at, id=last, count=limit)]


async def conversation_part(
    session: ReadSession, *, conversation_id: WireId, first_seq: int, last_seq: int
) -> ConversationPart:
    """One that exists, with the messages from `first_seq` to `last_seq`."""
    found = await conversations_by_id(session, [conversation_id])
    asked = Range(conversation_id, first_seq, last_seq)
    messages = (await messages_in(session, [asked])).get(asked, [])
    return ConversationPart(found.by_id[conversation_id], list(found.users.values()), messages)
