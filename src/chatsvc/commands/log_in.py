"""Logging in, and the entry for a login that failed."""

from dataclasses import dataclass
from uuid import UUID

from chatsvc.commands.accounts import lock_user
from chatsvc.commands.audit import Origin, record
from chatsvc.commands.refresh_chain import IssuedToken, SessionLife, start_session
from chatsvc.db import Tx
from chatsvc.errors import InvalidCredentials, TryAgain
from chatsvc.resources import User


@dataclass(frozen=True, slots=True)
class LogIn:
    """`verified_hash` is what the password was compared with; `new_hash` replaces one made at older parameters."""

    user_id: UUID
    verified_hash: str
    new_hash: str | None
    device_name: str | None
    life: SessionLife
    origin: Origin


@dataclass(frozen=True, slots=True)
class LoggedIn:
    user: User
    token: IssuedToken


async def log_in(tx: Tx, command: LogIn) -> LoggedIn:
    """Start a session. Raises TryAgain if the stored hash is another by now: the password has to be compared again.

    That may be the same password, hashed anew by a login at the same moment: it must not be called wrong.
    """
    # Locked, so that a change of the password either ends this session too or is seen here.
    user = await lock_user(tx, command.user_id)
    if user is None or user.disabled_at is not None:
        raise InvalidCredentials
    if user.password_hash != command.verified_hash:
        raise TryAgain
    if command.new_hash is not None:
        user.password_hash = command.new_hash
    token = await start_session(tx, user.id, command.device_name, command.life)
    record(tx, "login", "ok", command.origin, user_id=user.id, session_id=token.session_id)
    return LoggedIn(User.of(user), token)
