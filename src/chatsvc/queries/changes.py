"""What is new for a reader since the seqs that the client holds, in one snapshot."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from chatsvc.db import ReadSession, Statement
from chatsvc.queries.budget import News, Share, share_out, shown
from chatsvc.queries.service_state import same_epoch
from chatsvc.queries.snapshots import Conversations, Range, conversations_by_id, messages_in
from chatsvc.queries.sync_items import Changes, Gap, GoneItem, Item, LimitedItem, OkItem, snapshot_item
from chatsvc.resources import Message

# What the client names and is not up to date with or may not see, and the reader's conversations that it does not name.
# The list is never the inner side of a join: SQLite would read it again for each of the reader's conversations.
_NEWS = Statement(
    """
    SELECT k.id, k.after_seq, n.next_seq - 1 AS head_seq, c.updated_at
    FROM {known} AS k
    LEFT JOIN conversation_members AS m ON m.conversation_id = k.id AND m.user_id = :reader_id
    LEFT JOIN conversation_counters AS n ON n.conversation_id = m.conversation_id
    LEFT JOIN conversations AS c ON c.id = m.conversation_id
    WHERE m.user_id IS NULL OR k.after_seq <> n.next_seq - 1
    UNION ALL
    SELECT m.conversation_id, NULL, n.next_seq - 1, c.updated_at
    FROM conversation_members AS m
    JOIN conversation_counters AS n ON n.conversation_id = m.conversation_id
    JOIN conversations AS c ON c.id = m.conversation_id
    WHERE m.user_id = :reader_id AND m.conversation_id NOT IN (SELECT k.id FROM {known} AS k)
    """,
    parameters={"reader_id": "uuid"},
    rows={"known": {"id": "uuid", "after_seq": "bigint"}},
    columns={"id": "uuid", "after_seq": "bigint", "head_seq": "bigint", "updated_at": "timestamptz"},
)


async def changes(
    session: ReadSession,
    *,
    reader_id: UUID,
    sync_epoch: UUID | None,
    after_seq_by_conversation: Mapping[UUID, int],
    limit: int,
    messages_per_conversation: int,
    joined: bool,
) -> Changes:
    """A conversation that is left out has nothing new, if `has_more` is false.

    With `joined` false only the named conversations are looked at. Raises SyncEpochChanged. Two statements when there
    is nothing new, five at the most.
    """
    epoch = await same_epoch(session, sync_epoch)
    rows = await session.rows(_NEWS, reader_id=reader_id, known=list(after_seq_by_conversation.items()))
    news = [News(row.id, row.after_seq, row.head_seq, row.updated_at) for row in rows]
    if not joined:
        news = [entry for entry in news if entry.after_seq is not None]
    if any(entry.status in ("gone", "reset") for entry in news):
        session.only_on_primary()
    shares, has_more = share_out(news, limit=limit, snapshot=messages_per_conversation)
    held = shown(shares)
    found = await conversations_by_id(session, [share.news.conversation_id for share in held])
    ranges = [Range(share.news.conversation_id, share.first_seq, share.last_seq) for share in held]
    messages = await messages_in(session, ranges)
    return Changes(
        sync_epoch=epoch,
        server_time=session.now,
        has_more=has_more,
        users=list(found.users.values()),
        conversations={share.news.conversation_id: _item(share, found, messages) for share in shares},
    )


def _item(share: Share, found: Conversations, messages: dict[UUID, list[Message]]) -> Item:
    news = share.news
    if news.head_seq is None:
        return GoneItem()
    status = news.status
    if status in {"joined", "reset"}:
        return snapshot_item(status, Range(news.conversation_id, share.first_seq, share.last_seq), found, messages)
    common: dict[str, Any] = {
        "conversation": found.by_id[news.conversation_id],
        "messages": messages.get(news.conversation_id, []),
        "head_seq": news.head_seq,
    }
    if status == "limited":
        gap = Gap(from_seq=(news.after_seq or 0) + 1, to_seq=share.first_seq - 1)
        return LimitedItem(**common, from_seq=share.first_seq, has_earlier=share.first_seq > 1, gap=gap)
    return OkItem(**common, next_after_seq=share.last_seq, has_more=share.last_seq < news.head_seq)
