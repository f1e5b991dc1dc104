"""Rotating a refresh token (RFC 9700 section 4.14, and FAPI 2.0: a retry after a lost answer succeeds)."""

from dataclasses import dataclass

from sqlmodel import col, or_, update

from chatsvc.commands.audit import Origin, record
from chatsvc.commands.refresh_chain import (
    IssuedToken,
    SessionLife,
    end_session_now,
    issue_token,
    lock_session_of_token,
)
from chatsvc.db import Tx
from chatsvc.errors import RefreshTokenExpired, RefreshTokenInvalid, RefreshTokenReused
from chatsvc.tables import RefreshToken, Session


@dataclass(frozen=True, slots=True)
class RotateToken:
    token_hash: str
    life: SessionLife
    origin: Origin


async def rotate_token(tx: Tx, command: RotateToken) -> IssuedToken | RefreshTokenReused | RefreshTokenExpired:
    """A successor of a token that is good: it stays good until one of its successors is used.

    A spent token was stolen: the session ends, and RefreshTokenReused is raised after that has been committed; reuse is
    judged before expiry. RefreshTokenExpired goes into the audit log too. Raises RefreshTokenInvalid for a token that
    is unknown or of an ended session.
    """
    found = await lock_session_of_token(tx, command.token_hash)
    if found is None:
        raise RefreshTokenInvalid
    session, token = found
    if session.ended_at is not None:
        raise RefreshTokenInvalid
    if token.revoked_at is not None:
        end_session_now(tx, session, "refresh_token_reused")
        _record(tx, command, session, "refresh_token_reused")
        return RefreshTokenReused()
    if min(token.expires_at, session.created_at + command.life.most) <= tx.now:
        _record(tx, command, session, "refresh_token_expired")
        return RefreshTokenExpired()
    await _spend_parent_and_siblings(tx, token)
    session.last_used_at, session.last_used_token_id = tx.now, token.id
    _record(tx, command, session, "ok")
    return issue_token(tx, session, parent_id=token.id, life=command.life)


async def _spend_parent_and_siblings(tx: Tx, token: RefreshToken) -> None:
    if token.parent_id is None:
        return
    family = or_(col(RefreshToken.id) == token.parent_id, col(RefreshToken.parent_id) == token.parent_id)
    spend = update(RefreshToken).where(
        col(RefreshToken.session_id) == token.session_id,
        family,
        col(RefreshToken.id) != token.id,
        col(RefreshToken.revoked_at).is_(None),
    )
    await tx.session.exec(spend.values(revoked_at=tx.now, replaced_by_token_id=token.id))


def _record(tx: Tx, command: RotateToken, session: Session, outcome: str) -> None:
    record(tx, "refresh", outcome, command.origin, user_id=session.user_id, session_id=session.id)
