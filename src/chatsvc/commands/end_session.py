"""Ending one of one's own sessions."""

from dataclasses import dataclass
from uuid import UUID

from chatsvc.commands.audit import Origin, record
from chatsvc.commands.refresh_chain import end_session_now, lock_session
from chatsvc.db import Tx
from chatsvc.errors import SessionNotFound


@dataclass(frozen=True, slots=True)
class EndSession:
    user_id: UUID
    session_id: UUID
    origin: Origin


async def end_session(tx: Tx, command: EndSession) -> None:
    """End it; again, nothing. Raises SessionNotFound for one that never was, and alike for somebody else's."""
    session = await lock_session(tx, command.session_id)
    if session is None or session.user_id != command.user_id:
        raise SessionNotFound
    if end_session_now(tx, session, "ended_by_user"):
        record(tx, "end_session", "ok", command.origin, user_id=command.user_id, session_id=session.id)
