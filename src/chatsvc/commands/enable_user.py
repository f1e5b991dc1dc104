"""Enabling somebody who was disabled."""

from dataclasses import dataclass
from uuid import UUID

from chatsvc.commands.accounts import close_or_open_conversations, lock_user
from chatsvc.commands.audit import Origin, record
from chatsvc.db import Tx
from chatsvc.errors import UserNotFound


@dataclass(frozen=True, slots=True)
class EnableUser:
    user_id: UUID
    origin: Origin


async def enable_user(tx: Tx, command: EnableUser) -> bool:
    """Whether it changed anything. Their sessions stay ended. Raises UserNotFound, for who was deleted too."""
    user = await lock_user(tx, command.user_id)
    if user is None or user.deleted_at is not None:
        raise UserNotFound
    if user.disabled_at is None:
        return False
    user.disabled_at = None
    await close_or_open_conversations(tx, user)
    record(tx, "enable", "ok", command.origin, user_id=user.id)
    return True
