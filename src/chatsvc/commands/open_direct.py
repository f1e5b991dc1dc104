"""Opening a direct conversation: the one there is, or a new one."""

from dataclasses import dataclass
from uuid import UUID

from sqlmodel import col, select

from chatsvc.db import Statement, Tx
from chatsvc.errors import CannotMessageSelf, RateLimited, UserNotFound
from chatsvc.ids import new_id
from chatsvc.tables import Conversation, ConversationCounter, ConversationMember, User


@dataclass(frozen=True, slots=True)
class OpenDirect:
    """`retry_after`, in seconds, is set when no allowance is left for a new one; the one there is costs none."""

    user_id: UUID
    other_user_id: UUID
    retry_after: int | None = None


@dataclass(frozen=True, slots=True)
class OpenedDirect:
    conversation_id: UUID
    created: bool


_INSERT = Statement(
    """
    INSERT INTO conversations (id, type, direct_key, created_at, updated_at)
    VALUES (:id, 'direct', :direct_key, :now, :now)
    ON CONFLICT (direct_key) DO NOTHING
    RETURNING id
    """,
    parameters={"id": "uuid", "now": "timestamptz"},
    columns={"id": "uuid"},
)


async def open_direct(tx: Tx, command: OpenDirect) -> OpenedDirect:
    """One conversation for a pair, ever, also when both sides press at the same moment.

    Raises UserNotFound, for who is disabled too, CannotMessageSelf, and RateLimited when a new one is more than the
    allowance.
    """
    pair = {command.user_id, command.other_user_id}
    enabled = select(User.id).where(col(User.id).in_(pair), col(User.disabled_at).is_(None)).order_by(col(User.id))
    if set(await tx.session.exec(enabled)) != pair:
        raise UserNotFound
    if command.user_id == command.other_user_id:
        raise CannotMessageSelf
    direct_key = ":".join(sorted((str(command.user_id), str(command.other_user_id))))
    known = select(Conversation.id).where(col(Conversation.direct_key) == direct_key)
    if (found := (await tx.session.exec(known)).one_or_none()) is not None:
        return OpenedDirect(found, created=False)
    if command.retry_after is not None:
        raise RateLimited(retry_after=command.retry_after)
    # Locked, so that whoever disables one of them either is seen here or sees the conversation.
    if set(await tx.session.exec(enabled.with_for_update(read=True))) != pair:
        raise UserNotFound
    rows = await tx.rows(_INSERT, id=new_id(), direct_key=direct_key, now=tx.now)
    if not rows:  # the other side was first, and has committed: a new statement sees its conversation
        return OpenedDirect((await tx.session.exec(known)).one(), created=False)
    conversation_id: UUID = rows[0].id
    tx.session.add(ConversationCounter(conversation_id=conversation_id, next_seq=1))
    for user_id in sorted((command.user_id, command.other_user_id)):
        member = ConversationMember(conversation_id=conversation_id, user_id=user_id, joined_at=tx.now, role="member")
        tx.session.add(member)
    tx.changed.add(conversation_id)
    return OpenedDirect(conversation_id, created=True)
