"""A wrong password or an unknown user, told to the audit log."""

from dataclasses import dataclass
from uuid import UUID

from chatsvc.commands.audit import Origin, record
from chatsvc.db import Tx
from chatsvc.errors import InvalidCredentials


@dataclass(frozen=True, slots=True)
class RefuseCredentials:
    """`event` is login or password; `user_id` is None for a username that nobody has."""

    event: str
    username: str | None
    user_id: UUID | None
    origin: Origin
    session_id: UUID | None = None


async def refuse_credentials(tx: Tx, command: RefuseCredentials) -> InvalidCredentials:
    """Record it; the refusal is raised after the commit, alike for a wrong password and an unknown user."""
    outcome = "invalid_credentials"
    record(
        tx,
        command.event,
        outcome,
        command.origin,
        user_id=command.user_id,
        session_id=command.session_id,
        username=command.username,
    )
    return InvalidCredentials()
