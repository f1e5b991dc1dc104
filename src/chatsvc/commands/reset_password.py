"""A new password for somebody who cannot give the old one."""

from dataclasses import dataclass
from uuid import UUID

from chatsvc.commands.accounts import end_every_session
from chatsvc.commands.audit import Origin, record
from chatsvc.db import Tx
from chatsvc.errors import UserNotFound


@dataclass(frozen=True, slots=True)
class ResetPassword:
    user_id: UUID
    new_hash: str
    origin: Origin


async def reset_password(tx: Tx, command: ResetPassword) -> None:
    """Every session is over. Raises UserNotFound, for who was deleted too."""
    user = await end_every_session(tx, command.user_id, "password_reset")
    if user.deleted_at is not None:
        raise UserNotFound
    user.password_hash = command.new_hash
    record(tx, "reset_password", "ok", command.origin, user_id=user.id)
