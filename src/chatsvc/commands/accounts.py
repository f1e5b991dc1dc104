"""A user's row, locked; and what disabling, enabling and deleting share: every session, and what can be sent."""

from uuid import UUID

from sqlmodel import col, select

from chatsvc.commands.refresh_chain import end_session_now, lock_live_sessions
from chatsvc.db import Statement, Tx
from chatsvc.errors import UserNotFound
from chatsvc.tables import User

_LOCK_COUNTERS = Statement(
    """
    SELECT k.conversation_id FROM conversation_counters AS k
    WHERE k.conversation_id IN (SELECT m.conversation_id FROM conversation_members AS m WHERE m.user_id = :user_id)
    ORDER BY k.conversation_id {lock:k}
    """,
    parameters={"user_id": "uuid"},
)
# A statement after the lock, and so a fresh snapshot: the other member may have been disabled meanwhile.
_CLOSE = Statement(
    """
    UPDATE conversations SET closed_at = CASE WHEN EXISTS (
        SELECT 1 FROM conversation_members AS m JOIN users AS u ON u.id = m.user_id
        WHERE m.conversation_id = conversations.id AND u.disabled_at IS NOT NULL
    ) THEN coalesce(conversations.closed_at, :now) END
    WHERE id IN (SELECT m.conversation_id FROM conversation_members AS m WHERE m.user_id = :user_id)
    """,
    parameters={"user_id": "uuid", "now": "timestamptz"},
)


async def lock_user(tx: Tx, user_id: UUID) -> User | None:
    """The user, locked to the end of the transaction and read after the lock was got."""
    locked = select(User).where(col(User.id) == user_id).with_for_update(key_share=True)
    return (await tx.session.exec(locked)).one_or_none()


async def end_every_session(tx: Tx, user_id: UUID, reason: str) -> User:
    """Lock a user, and end all sessions, those included that began meanwhile. Raises UserNotFound."""
    await lock_live_sessions(tx, user_id)
    user = await lock_user(tx, user_id)
    if user is None:
        raise UserNotFound
    for session in (await lock_live_sessions(tx, user_id)).values():
        end_session_now(tx, session, reason)
    return user


async def close_or_open_conversations(tx: Tx, user: User) -> None:
    """Nothing is sent where a member is disabled. Under the locks of sending: what is sent is before it or after it."""
    await tx.session.flush()
    await tx.rows(_LOCK_COUNTERS, user_id=user.id)
    await tx.rows(_CLOSE, user_id=user.id, now=tx.now)
