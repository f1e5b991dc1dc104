"""Logging out with a refresh token."""

from dataclasses import dataclass

from chatsvc.commands.audit import Origin, record
from chatsvc.commands.refresh_chain import end_session_now, lock_session_of_token
from chatsvc.db import Tx


@dataclass(frozen=True, slots=True)
class LogOut:
    token_hash: str
    origin: Origin


async def log_out(tx: Tx, command: LogOut) -> None:
    """End the session of any known token, spent and expired ones too. Again, or with an unknown one: nothing."""
    found = await lock_session_of_token(tx, command.token_hash)
    if found is not None and end_session_now(tx, found[0], "logged_out"):
        session = found[0]
        record(tx, "logout", "ok", command.origin, user_id=session.user_id, session_id=session.id)
