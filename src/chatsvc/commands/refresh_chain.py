"""Sessions and the chain of their refresh tokens: what registering, logging in, rotating and leaving share.

A refresh token stays good until one of its successors is used; then it and its siblings are spent. The session's row
is locked before its tokens are looked at: unlocked, 30 of 30 races on Postgres spent a token twice.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlmodel import col, select

from chatsvc.db import Tx
from chatsvc.ids import new_id
from chatsvc.security.refresh_tokens import hash_refresh_token, new_refresh_token
from chatsvc.tables import RefreshToken, Session


@dataclass(frozen=True, slots=True)
class SessionLife:
    """How long a session lives without use, and in all."""

    idle: timedelta
    most: timedelta


@dataclass(frozen=True, slots=True)
class IssuedToken:
    """A new refresh token: the only place where it is not a hash."""

    user_id: UUID
    session_id: UUID
    refresh_token: str
    issued_at: datetime
    expires_at: datetime
    session_ends_at: datetime


async def start_session(tx: Tx, user_id: UUID, device_name: str | None, life: SessionLife) -> IssuedToken:
    """A new session with the first token of its chain."""
    session = Session(
        id=new_id(),
        user_id=user_id,
        device_name=device_name,
        created_at=tx.now,
        last_used_at=tx.now,
        expires_at=tx.now,
    )
    tx.session.add(session)
    await tx.session.flush()  # the tables know no relationships: the parent row goes in before its child
    return issue_token(tx, session, parent_id=None, life=life)


def issue_token(tx: Tx, session: Session, *, parent_id: UUID | None, life: SessionLife) -> IssuedToken:
    """Add a successor of `parent_id` to a session that this transaction has locked or made."""
    ends_at = session.created_at + life.most
    token, expires_at = new_refresh_token(), min(tx.now + life.idle, ends_at)
    session.expires_at = expires_at
    tx.session.add(
        RefreshToken(
            id=new_id(),
            user_id=session.user_id,
            session_id=session.id,
            parent_id=parent_id,
            token_hash=hash_refresh_token(token),
            issued_at=tx.now,
            expires_at=expires_at,
        )
    )
    return IssuedToken(session.user_id, session.id, token, tx.now, expires_at, ends_at)


async def lock_session(tx: Tx, session_id: UUID) -> Session | None:
    """The session, locked to the end of the transaction and read after the lock was got."""
    locked = select(Session).where(col(Session.id) == session_id).with_for_update(key_share=True)
    return (await tx.session.exec(locked)).one_or_none()


async def lock_live_sessions(tx: Tx, user_id: UUID) -> dict[UUID, Session]:
    """In the order of their ids, before the user: the order of locks of every command."""
    live = select(Session).where(col(Session.user_id) == user_id, col(Session.ended_at).is_(None))
    found = await tx.session.exec(live.order_by(col(Session.id)).with_for_update(key_share=True))
    return {session.id: session for session in found}


async def lock_session_of_token(tx: Tx, token_hash: str) -> tuple[Session, RefreshToken] | None:
    """The session that a token belongs to, locked, and the token as it is under that lock. None if it is unknown."""
    known = select(RefreshToken.session_id).where(col(RefreshToken.token_hash) == token_hash)
    session_id = (await tx.session.exec(known)).one_or_none()
    session = None if session_id is None else await lock_session(tx, session_id)
    if session is None:
        return None
    found = select(RefreshToken).where(col(RefreshToken.token_hash) == token_hash)
    token = (await tx.session.exec(found)).one_or_none()
    return None if token is None else (session, token)


def end_session_now(tx: Tx, session: Session, reason: str) -> bool:
    """End a locked session, unless it has ended; its tokens of both kinds fail from the commit on."""
    if session.ended_at is not None:
        return False
    session.ended_at, session.end_reason = tx.now, reason
    tx.ended.add(session.id)
    return True
