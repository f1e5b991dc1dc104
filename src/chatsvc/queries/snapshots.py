"""Conversations, the people in them and ranges of their messages, read in bulk: what the sync queries are made of."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from operator import attrgetter

from chatsvc.db import ReadSession, Statement
from chatsvc.resources import Conversation, Member, Message, User

# A row for each member. Neither statement has an ORDER BY: the database would sort what comes in order nearly always.
_CONVERSATIONS = Statement(
    """
    SELECT {id:c.id} AS id, c.type, {time:c.created_at} AS created_at, {time:c.updated_at} AS updated_at,
        c.last_message_preview, {time:c.last_message_at} AS last_message_at, k.next_seq - 1 AS head_seq,
        {id:m.user_id} AS user_id, m.role, {time:m.joined_at} AS joined_at,
        u.username, u.display_name, {time:u.created_at} AS user_created_at, {time:u.updated_at} AS user_updated_at
    FROM {ids} AS i
    JOIN conversations AS c ON c.id = i.id
    JOIN conversation_counters AS k ON k.conversation_id = c.id
    JOIN conversation_members AS m ON m.conversation_id = c.id
    JOIN users AS u ON u.id = m.user_id
    """,
    rows={"ids": {"id": "uuid"}},
)

# Seqs have no gaps, so a page is a range of them: no window function, no offset, no scan.
_MESSAGES = Statement(
    """
    SELECT {id:m.id} AS id, {id:m.conversation_id} AS conversation_id, {id:m.sender_id} AS sender_id,
        m.client_message_id, m.seq, m.content, {time:m.created_at} AS created_at, r.place
    FROM {ranges} AS r
    JOIN messages AS m ON m.conversation_id = r.conversation_id AND m.seq BETWEEN r.first_seq AND r.last_seq
    """,
    rows={
        "ranges": {"place": "bigint", "conversation_id": "uuid", "first_seq": "bigint", "last_seq": "bigint"},
    },
)


@dataclass(frozen=True, slots=True)
class Range:
    """The seqs first to last of one conversation, both included; empty when last is below first."""

    conversation_id: str
    first_seq: int
    last_seq: int


@dataclass(frozen=True, slots=True)
class Conversations:
    """Conversations by id, and everybody that they name."""

    by_id: dict[str, Conversation] = field(default_factory=dict)
    users: dict[str, User] = field(default_factory=dict)

    def users_of(self, ids: Iterable[str]) -> list[User]:
        """Everybody that these conversations name, once."""
        named = dict.fromkeys(member.user_id for one in ids for member in self.by_id[one].members)
        return [self.users[user_id] for user_id in named]


async def conversations_by_id(session: ReadSession, ids: Iterable[str]) -> Conversations:
    """One statement, however many there are. The caller has seen to it that the reader is a member of each."""
    found = Conversations()
    wanted = [(conversation_id,) for conversation_id in dict.fromkeys(ids)]
    for row in await session.rows(_CONVERSATIONS, ids=wanted) if wanted else ():
        conversation_id, user_id, role, joined_at, named = row[0], row[7], row[8], row[9], row[10:]
        conversation = found.by_id.get(conversation_id)
        if conversation is None:
            found.by_id[conversation_id] = conversation = Conversation(*row[:7], members=[])  # type: ignore[misc]
        conversation.members.append(Member(user_id, role, joined_at))
        if user_id not in found.users:
            found.users[user_id] = User(user_id, *named)
    for conversation in found.by_id.values():
        conversation.members.sort(key=attrgetter("user_id"))
    return found


async def messages_in(session: ReadSession, ranges: Iterable[Range]) -> dict[Range, list[Message]]:
    """The messages of each range, ascending: one statement."""
    wanted = [one for one in dict.fromkeys(ranges) if one.first_seq <= one.last_seq]
    found: list[list[Message]] = [[] for _ in wanted]
    asked = [(at, one.conversation_id, one.first_seq, one.last_seq) for at, one in enumerate(wanted)]
    for row in await session.rows(_MESSAGES, ranges=asked) if asked else ():
        found[row[7]].append(Message(*row[:7]))
    for messages in found:
        messages.sort(key=attrgetter("seq"))
    return dict(zip(wanted, found, strict=True))
