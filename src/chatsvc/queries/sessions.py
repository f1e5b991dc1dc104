"""Sessions: the live ones of a user, and which of those that are asked for live."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from pydantic import BaseModel
from sqlmodel import col, select

from chatsvc.db import ReadSession, Statement
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


# From the asked ones into the table by its key, whatever the planner thinks of a list without a length.
_LIVE = Statement(
    """
    SELECT a.n FROM {asked} AS a JOIN sessions AS s ON s.id = a.id AND s.user_id = a.user_id
    WHERE s.ended_at IS NULL AND s.expires_at > :now
    """,
    parameters={"now": "timestamptz"},
    rows={"asked": {"n": "bigint", "id": "uuid", "user_id": "uuid"}},
)


@dataclass(frozen=True, slots=True)
class SessionQuestion:
    """Whether a session lives, and is this user's."""

    session_id: UUID
    user_id: UUID

    @property
    def weight(self) -> int:
        return 1


async def live_sessions(session: ReadSession, questions: Sequence[SessionQuestion]) -> list[bool]:
    """Whether the access tokens of each session are still good. Asked of the primary, cached for seconds at most."""
    asked = [(n, one.session_id, one.user_id) for n, one in enumerate(questions)]
    live = {row.n for row in await session.rows(_LIVE, asked=asked, now=session.now)}
    return [n in live for n in range(len(questions))]
