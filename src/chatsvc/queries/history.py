"""The messages of one conversation, a page at a time, always ascending."""

from dataclasses import dataclass
from uuid import UUID

from chatsvc.db import ReadSession, Statement
from chatsvc.errors import ConversationNotFound
from chatsvc.queries.snapshots import Range, messages_in
from chatsvc.resources import Message

_HEAD = Statement(
    """
    SELECT k.next_seq - 1 AS head_seq
    FROM conversation_members AS m
    JOIN conversation_counters AS k ON k.conversation_id = m.conversation_id
    WHERE m.conversation_id = :conversation_id AND m.user_id = :reader_id
    """,
    parameters={"conversation_id": "uuid", "reader_id": "uuid"},
)


@dataclass(frozen=True, slots=True)
class History:
    """`has_more` speaks of the asked direction."""

    messages: list[Message]
    has_more: bool


async def history(
    session: ReadSession, *, reader_id: UUID, conversation_id: UUID, after_seq: int, before_seq: int | None, limit: int
) -> History:
    """The messages after `after_seq`, or with `before_seq` the page just before it.

    `before_seq` beyond the head gives the latest page, `after_seq` beyond it an empty one. Raises ConversationNotFound.
    """
    rows = await session.rows(_HEAD, conversation_id=conversation_id, reader_id=reader_id)
    if not rows:
        raise ConversationNotFound
    head: int = rows[0].head_seq
    if before_seq is None:
        first, last = after_seq + 1, min(after_seq + limit, head)
        has_more = last < head
    else:
        last = min(before_seq - 1, head)
        first = max(1, last - limit + 1)
        has_more = last >= first > 1
    asked = Range(str(conversation_id), first, last)
    return History((await messages_in(session, [asked])).get(asked, []), has_more and first <= last)
