"""Sessions: the live ones of a user, and whether one lives."""

from datetime import datetime
from uuid import UUID

from pydantic import BaseModel
from sqlmodel import col, select

from chatsvc.db import ReadSession
from chatsvc.resources import Timestamp
from chatsvc.tables import Session


class SessionView(BaseModel):
    """`last_used_at` moves at login and refresh, `expires_at` is that of the newest token."""

    id: UUID
    device_name: str | None
    created_at: Timestamp
    last_used_at: Timestamp
    expires_at: Timestamp
    current: bool


async def sessions(session: ReadSession, *, user_id: UUID, current_id: UUID) -> list[SessionView]:
    """The user's live sessions, the latest used first."""
    live = select(Session).where(
        col(Session.user_id) == user_id, col(Session.ended_at).is_(None), col(Session.expires_at) > session.now
    )
    found = await session.session.exec(live.order_by(col(Session.last_used_at).desc(), col(Session.id).desc()))
    return [
        SessionView(
            id=row.id,
            device_name=row.device_name,
            created_at=row.created_at,
            last_used_at=row.last_used_at,
            expires_at=row.expires_at,
            current=row.id == current_id,
        )
        for row in found
    ]


async def session_is_live(session: ReadSession, *, session_id: UUID, user_id: UUID) -> bool:
    """Whether the access tokens of a session are still good: read on the primary, and cached for seconds at most."""
    ends: tuple[datetime | None, datetime] | None = (
        await session.session.exec(
            select(Session.ended_at, Session.expires_at).where(
                col(Session.id) == session_id, col(Session.user_id) == user_id
            )
        )
    ).one_or_none()
    return ends is not None and ends[0] is None and ends[1] > session.now
