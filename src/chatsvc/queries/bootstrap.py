"""Everything a client needs to begin with, a consistent page at a time."""

from dataclasses import replace
from uuid import UUID

from chatsvc.db import ReadSession
from chatsvc.queries.conversations import recent_conversations
from chatsvc.queries.cursors import decode_cursor, encode_cursor
from chatsvc.queries.service_state import same_epoch
from chatsvc.queries.snapshots import conversations_by_id, messages_in
from chatsvc.queries.sync_items import Bootstrap, latest_range, snapshot_item
from chatsvc.queries.users import user


async def bootstrap(
    session: ReadSession, *, reader_id: UUID, limit: int, messages_per_conversation: int, cursor: str | None
) -> Bootstrap:
    """A page of snapshots by latest activity: what moves between two pages is caught by the first `changes`.

    Raises InvalidRequest for a cursor that does not decode, SyncEpochChanged for one of another history.
    """
    after = None if cursor is None else decode_cursor(cursor, with_epoch=True)
    epoch = await same_epoch(session, None if after is None else after.sync_epoch)
    me = await user(session, user_id=reader_id)
    page = await recent_conversations(session, reader_id=reader_id, limit=limit, after=after)
    found = await conversations_by_id(session, [entry.conversation_id for entry in page.entries])
    ranges = [latest_range(entry.conversation_id, entry.head_seq, messages_per_conversation) for entry in page.entries]
    messages = await messages_in(session, ranges)
    return Bootstrap(
        sync_epoch=epoch,
        server_time=session.now,
        me=me,
        users=list({me.id: me, **found.users}.values()),
        conversations=[snapshot_item("joined", shown, found, messages) for shown in ranges],
        next_cursor=None if page.last is None else encode_cursor(replace(page.last, sync_epoch=epoch)),
    )
