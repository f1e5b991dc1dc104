"""The reader's conversations, newest activity first."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from chatsvc.db import ReadSession, Statement
from chatsvc.errors import ConversationNotFound
from chatsvc.queries.cursors import ActivityCursor, decode_cursor, encode_cursor
from chatsvc.queries.snapshots import Conversations, conversations_by_id
from chatsvc.resources import Conversation, WireId

_RECENT = """
    SELECT {id:c.id} AS id, {time:c.updated_at} AS updated_at, k.next_seq - 1 AS head_seq
    FROM conversation_members AS m
    JOIN conversations AS c ON c.id = m.conversation_id
    JOIN conversation_counters AS k ON k.conversation_id = c.id
    WHERE m.user_id = :reader_id {after}
    ORDER BY c.updated_at DESC, c.id DESC
    LIMIT :count
    """
_FIRST_PAGE = Statement(_RECENT.replace("{after}", ""), parameters={"reader_id": "uuid"})
_NEXT_PAGE = Statement(
    _RECENT.replace("{after}", "AND (c.updated_at, c.id) < (:updated_at, :conversation_id)"),
    parameters={"reader_id": "uuid", "updated_at": "timestamptz", "conversation_id": "uuid"},
)
_IS_MEMBER = Statement(
    "SELECT 1 FROM conversation_members WHERE conversation_id = :conversation_id AND user_id = :reader_id",
    parameters={"conversation_id": "uuid", "reader_id": "uuid"},
)


@dataclass(frozen=True, slots=True)
class Recent:
    """A conversation's place in the order of activity, and its newest seq."""

    conversation_id: WireId
    head_seq: int


@dataclass(frozen=True, slots=True)
class RecentPage:
    entries: list[Recent]
    last: ActivityCursor | None


@dataclass(frozen=True, slots=True)
class ConversationsPage:
    conversations: list[Conversation]
    next_cursor: str | None


async def recent_conversations(
    session: ReadSession, *, reader_id: UUID, limit: int, after: ActivityCursor | None
) -> RecentPage:
    """A page by latest activity, ties by id; `last` is where the next page begins, or None on the last."""
    if after is None:
        rows = await session.rows(_FIRST_PAGE, reader_id=reader_id, count=limit + 1)
    else:
        rows = await session.rows(
            _NEXT_PAGE,
            reader_id=reader_id,
            count=limit + 1,
            updated_at=after.updated_at,
            conversation_id=after.conversation_id,
        )
    page = rows[:limit]
    last = _place(page[-1]) if len(rows) > limit else None
    return RecentPage([Recent(row.id, row.head_seq) for row in page], last)


def _place(row: Any) -> ActivityCursor:
    return ActivityCursor(datetime.fromisoformat(row.updated_at), UUID(row.id))


async def conversations(session: ReadSession, *, reader_id: UUID, limit: int, cursor: str | None) -> ConversationsPage:
    """Raises InvalidRequest for a cursor that does not decode."""
    after = None if cursor is None else decode_cursor(cursor, with_epoch=False)
    page = await recent_conversations(session, reader_id=reader_id, limit=limit, after=after)
    found: Conversations = await conversations_by_id(session, [entry.conversation_id for entry in page.entries])
    listed = [found.by_id[entry.conversation_id] for entry in page.entries]
    return ConversationsPage(listed, None if page.last is None else encode_cursor(page.last))


async def conversation(session: ReadSession, *, reader_id: UUID, conversation_id: UUID) -> Conversation:
    """One of the reader's. Raises ConversationNotFound, alike for one that is not the reader's."""
    if not await session.rows(_IS_MEMBER, conversation_id=conversation_id, reader_id=reader_id):
        raise ConversationNotFound
    shown = str(conversation_id)
    return (await conversations_by_id(session, [shown])).by_id[shown]
