"""Changing the password, which ends every other session."""

from dataclasses import dataclass
from uuid import UUID

from sqlmodel import col, select

from chatsvc.commands.accounts import lock_user
from chatsvc.commands.audit import Origin, record
from chatsvc.commands.refresh_chain import IssuedToken, SessionLife, end_session_now, issue_token, lock_live_sessions
from chatsvc.db import Tx
from chatsvc.errors import AccessTokenInvalid, TryAgain
from chatsvc.tables import RefreshToken


@dataclass(frozen=True, slots=True)
class ChangePassword:
    """`new_hash` is None when the password already is the new one: the same request, repeated."""

    user_id: UUID
    session_id: UUID
    verified_hash: str
    new_hash: str | None
    life: SessionLife
    origin: Origin


async def change_password(tx: Tx, command: ChangePassword) -> IssuedToken:
    """One more successor of the session's last used token, or of its first; this is no use of that token.

    Raises TryAgain if the stored hash is another since it was compared (by this very request, sent twice, it may be),
    AccessTokenInvalid if the session has ended meanwhile.
    """
    sessions = await lock_live_sessions(tx, command.user_id)
    user = await lock_user(tx, command.user_id)
    own = sessions.get(command.session_id)
    if user is None or own is None:
        raise AccessTokenInvalid
    if user.password_hash != command.verified_hash:
        raise TryAgain
    if command.new_hash is not None:
        user.password_hash = command.new_hash
        # Again, with the user locked: a login that was under way while the first look was taken.
        for session in (await lock_live_sessions(tx, command.user_id)).values():
            if session.id != own.id:
                end_session_now(tx, session, "password_changed")
    record(tx, "password", "ok", command.origin, user_id=user.id, session_id=own.id)
    parent_id = own.last_used_token_id or await _first_token(tx, own.id)
    return issue_token(tx, own, parent_id=parent_id, life=command.life)


async def _first_token(tx: Tx, session_id: UUID) -> UUID | None:
    first = select(RefreshToken.id).where(
        col(RefreshToken.session_id) == session_id, col(RefreshToken.parent_id).is_(None)
    )
    return (await tx.session.exec(first.order_by(col(RefreshToken.id)).limit(1))).one_or_none()
