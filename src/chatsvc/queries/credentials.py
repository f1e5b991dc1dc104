"""What a password is compared with: none fits who is disabled. Always read on the primary."""

from dataclasses import dataclass
from uuid import UUID

from sqlmodel import col, select

from chatsvc.db import ReadSession
from chatsvc.tables import User


@dataclass(frozen=True, slots=True)
class Credentials:
    user_id: UUID
    username: str
    password_hash: str


async def credentials_of_username(session: ReadSession, *, username: str) -> Credentials | None:
    """By the folded username."""
    found = select(User.id, User.username, User.password_hash).where(
        col(User.username) == username, col(User.disabled_at).is_(None)
    )
    row = (await session.session.exec(found)).one_or_none()
    return None if row is None else Credentials(*row)


async def credentials_of_user(session: ReadSession, *, user_id: UUID) -> Credentials | None:
    found = select(User.id, User.username, User.password_hash).where(
        col(User.id) == user_id, col(User.disabled_at).is_(None)
    )
    row = (await session.session.exec(found)).one_or_none()
    return None if row is None else Credentials(*row)
