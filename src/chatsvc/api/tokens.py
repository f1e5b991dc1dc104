"""The pair of tokens that a client gets, and the outcome of signing in."""

from datetime import UTC, datetime, timedelta
from typing import Literal
from uuid import UUID

from pydantic import BaseModel

from chatsvc.api.services import Services
from chatsvc.commands.refresh_chain import IssuedToken, SessionLife
from chatsvc.resources import Timestamp, User
from chatsvc.settings import Settings


class Tokens(BaseModel):
    """The `_in` are seconds, for phones whose clock is wrong."""

    token_type: Literal["bearer"] = "bearer"  # noqa: S105 - the scheme of RFC 6750
    access_token: str
    access_token_expires_at: Timestamp
    access_token_expires_in: int
    refresh_token: str
    refresh_token_expires_at: Timestamp
    refresh_token_expires_in: int
    session_id: UUID


class TokensOnly(BaseModel):
    tokens: Tokens


class SignedIn(BaseModel):
    user: User
    tokens: Tokens


def session_life(settings: Settings) -> SessionLife:
    return SessionLife(timedelta(days=settings.session_idle_days), timedelta(days=settings.session_max_days))


def token_pair(services: Services, issued: IssuedToken) -> Tokens:
    """The refresh token that was issued, with an access token made for the same session."""
    life = timedelta(seconds=services.settings.access_token_seconds)
    expires_at = _whole_second(min(issued.issued_at + life, issued.session_ends_at))
    access_token = services.tokens.issue(
        user_id=issued.user_id, session_id=issued.session_id, now=issued.issued_at, expires_at=expires_at
    )
    return Tokens(
        access_token=access_token,
        access_token_expires_at=expires_at,
        access_token_expires_in=int((expires_at - issued.issued_at).total_seconds()),
        refresh_token=issued.refresh_token,
        refresh_token_expires_at=issued.expires_at,
        refresh_token_expires_in=int((issued.expires_at - issued.issued_at).total_seconds()),
        session_id=issued.session_id,
    )


def _whole_second(moment: datetime) -> datetime:
    """The resolution of `exp`."""
    return datetime.fromtimestamp(int(moment.timestamp()), tz=UTC)
