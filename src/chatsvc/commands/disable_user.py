"""Disabling somebody: signed out everywhere, unable to sign in, and not to be written to."""

from dataclasses import dataclass
from uuid import UUID

from chatsvc.commands.accounts import close_or_open_conversations, end_every_session
from chatsvc.commands.audit import Origin, record
from chatsvc.db import Tx


@dataclass(frozen=True, slots=True)
class DisableUser:
    user_id: UUID
    origin: Origin


async def disable_user(tx: Tx, command: DisableUser) -> bool:
    """Whether it changed anything. Raises UserNotFound."""
    user = await end_every_session(tx, command.user_id, "disabled")
    if user.disabled_at is not None:
        return False
    user.disabled_at = tx.now
    await close_or_open_conversations(tx, user)
    record(tx, "disable", "ok", command.origin, user_id=user.id)
    return True
