"""Conversations, the people in them and ranges of their messages, read in bulk: what the sync queries are made of."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from uuid import UUID

from chatsvc.db import ReadSession, Statement, kinds_of
from chatsvc.resources import Conversation, Member, Message, User
from chatsvc.tables import Message as MessageRow

_IDS = {"ids": {"id": "uuid"}}

_CONVERSATIONS = Statement(
    """
    SELECT c.id, c.type, c.created_at, c.updated_at, c.last_message_preview, c.last_message_at,
        k.next_seq - 1 AS head_seq
    FROM {ids} AS i
    JOIN conversations AS c ON c.id = i.id
    JOIN conversation_counters AS k ON k.conversation_id = c.id
    """,
    rows=_IDS,
    columns={
        "id": "uuid",
        "type": "text",
        "created_at": "timestamptz",
        "updated_at": "timestamptz",
        "last_message_preview": "text",
        "last_message_at": "timestamptz",
        "head_seq": "bigint",
    },
)

_MEMBERS = Statement(
    """
    SELECT m.conversation_id, m.user_id, m.role, m.joined_at,
        u.id, u.username, u.display_name, u.created_at, u.updated_at
    FROM {ids} AS i
    JOIN conversation_members AS m ON m.conversation_id = i.id
    JOIN users AS u ON u.id = m.user_id
    ORDER BY m.conversation_id, m.user_id
    """,
    rows=_IDS,
    columns={
        "conversation_id": "uuid",
        "user_id": "uuid",
        "role": "text",
        "joined_at": "timestamptz",
        "id": "uuid",
        "username": "text",
        "display_name": "text",
        "created_at": "timestamptz",
        "updated_at": "timestamptz",
    },
)

# Seqs have no gaps, so a page is a range of them: no window function, no offset, no scan.
_MESSAGES = Statement(
    """
    SELECT m.id, m.conversation_id, m.sender_id, m.client_message_id, m.seq, m.content, m.created_at
    FROM {ranges} AS r
    JOIN messages AS m ON m.conversation_id = r.conversation_id AND m.seq BETWEEN r.first_seq AND r.last_seq
    ORDER BY m.conversation_id, m.seq
    """,
    rows={"ranges": {"conversation_id": "uuid", "first_seq": "bigint", "last_seq": "bigint"}},
    columns=kinds_of(MessageRow),
)


@dataclass(frozen=True, slots=True)
class Range:
    """The seqs first to last of one conversation, both included; empty when last is below first."""

    conversation_id: UUID
    first_seq: int
    last_seq: int


@dataclass(frozen=True, slots=True)
class Conversations:
    """Conversations by id, and everybody that they name."""

    by_id: dict[UUID, Conversation] = field(default_factory=dict)
    users: dict[UUID, User] = field(default_factory=dict)


async def conversations_by_id(session: ReadSession, ids: Iterable[UUID]) -> Conversations:
    """Two statements, however many there are. The caller has seen to it that the reader is a member of each."""
    wanted = [(conversation_id,) for conversation_id in ids]
    if not wanted:
        return Conversations()
    members: dict[UUID, list[Member]] = defaultdict(list)
    users: dict[UUID, User] = {}
    for row in await session.rows(_MEMBERS, ids=wanted):
        members[row.conversation_id].append(Member(user_id=row.user_id, role=row.role, joined_at=row.joined_at))
        if row.user_id not in users:
            users[row.user_id] = User.model_validate(row)
    found = await session.rows(_CONVERSATIONS, ids=wanted)
    return Conversations({row.id: Conversation(**row._mapping, members=members[row.id]) for row in found}, users)  # noqa: SLF001 - Row's public name


async def messages_in(session: ReadSession, ranges: Iterable[Range]) -> dict[UUID, list[Message]]:
    """The messages of at most one range a conversation, ascending: one statement."""
    found: dict[UUID, list[Message]] = defaultdict(list)
    wanted = [(r.conversation_id, r.first_seq, r.last_seq) for r in ranges if r.first_seq <= r.last_seq]
    if wanted:
        for row in await session.rows(_MESSAGES, ranges=wanted):
            found[row.conversation_id].append(Message.model_validate(row))
    return found
