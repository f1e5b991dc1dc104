"""Everything a client needs to begin with, a consistent page at a time."""

from dataclasses import replace
from uuid import UUID

from chatsvc.column_types import wire_time
from chatsvc.db import ReadSession, Statement
from chatsvc.errors import UserNotFound
from chatsvc.queries.conversations import recent_conversations
from chatsvc.queries.cursors import decode_cursor, encode_cursor
from chatsvc.queries.service_state import another_epoch
from chatsvc.queries.snapshots import conversations_by_id, messages_in
from chatsvc.queries.sync_items import Bootstrap, latest_range, snapshot_item
from chatsvc.resources import User

_ME = Statement(
    """
    SELECT {id:s.sync_epoch} AS sync_epoch, {id:u.id} AS id, u.username, u.display_name,
        {time:u.created_at} AS created_at, {time:u.updated_at} AS updated_at
    FROM service_state AS s LEFT JOIN users AS u ON u.id = :reader_id
    """,
    parameters={"reader_id": "uuid"},
)


async def bootstrap(
    session: ReadSession, *, reader_id: UUID, limit: int, messages_per_conversation: int, cursor: str | None
) -> Bootstrap:
    """A page of snapshots by latest activity: what moves between two pages is caught by the first `changes`.

    Raises InvalidRequest for a cursor that does not decode, SyncEpochChanged for one of another history, UserNotFound.
    Four statements.
    """
    after = None if cursor is None else decode_cursor(cursor, with_epoch=True)
    ((epoch, *shown),) = await session.rows(_ME, reader_id=reader_id)
    if (changed := another_epoch(None if after is None else str(after.sync_epoch), epoch)) is not None:
        raise changed
    if shown[0] is None:
        raise UserNotFound
    me = User(*shown)
    page = await recent_conversations(session, reader_id=reader_id, limit=limit, after=after)
    found = await conversations_by_id(session, [entry.conversation_id for entry in page.entries])
    ranges = [latest_range(entry.conversation_id, entry.head_seq, messages_per_conversation) for entry in page.entries]
    messages = await messages_in(session, ranges)
    return Bootstrap(
        sync_epoch=epoch,
        server_time=wire_time(session.now),
        me=me,
        users=list({me.id: me, **found.users}.values()),
        conversations=[snapshot_item("joined", one, found, messages) for one in ranges],
        next_cursor=None if page.last is None else encode_cursor(replace(page.last, sync_epoch=UUID(epoch))),
    )
