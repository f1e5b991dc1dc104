"""People as an operator sees them."""

from dataclasses import dataclass
from uuid import UUID

from chatsvc.db import ReadSession, Statement
from chatsvc.errors import UserNotFound
from chatsvc.resources import WireId, WireTime
from chatsvc.security.names import fold_username

_SHOWN = """
    SELECT {id:u.id} AS id, u.username, u.display_name, {time:u.created_at} AS created_at,
        {time:u.disabled_at} AS disabled_at, {time:u.deleted_at} AS deleted_at
    FROM users AS u
    """
_PAGE = Statement(f"{_SHOWN} WHERE u.username > :after ORDER BY u.username LIMIT :count")
_BY_NAME = Statement(f"{_SHOWN} WHERE u.username = :username")
_BY_ID = Statement(f"{_SHOWN} WHERE u.id = :user_id", parameters={"user_id": "uuid"})
_USE = Statement(
    """
    SELECT
        (SELECT count(*) FROM sessions AS s
            WHERE s.user_id = :user_id AND s.ended_at IS NULL AND s.expires_at > :now) AS sessions,
        (SELECT {time:max(s.last_used_at)} FROM sessions AS s WHERE s.user_id = :user_id) AS last_used_at,
        (SELECT count(*) FROM conversation_members AS m WHERE m.user_id = :user_id) AS conversations,
        (SELECT coalesce(sum(k.next_seq - 1), 0) FROM conversation_members AS m
            JOIN conversation_counters AS k ON k.conversation_id = m.conversation_id
            WHERE m.user_id = :user_id) AS messages,
        (SELECT count(*) FROM messages AS m WHERE m.sender_id = :user_id) AS sent
    """,
    parameters={"user_id": "uuid", "now": "timestamptz"},
)


@dataclass(frozen=True, slots=True)
class Account:
    id: WireId
    username: str
    display_name: str
    created_at: WireTime
    disabled_at: WireTime | None
    deleted_at: WireTime | None

    @property
    def state(self) -> str:
        """active, disabled or deleted."""
        return "deleted" if self.deleted_at else "disabled" if self.disabled_at else "active"


@dataclass(frozen=True, slots=True)
class Use:
    """Live sessions and when one was last used; conversations, the messages in them, and how many of these are own."""

    sessions: int
    last_used_at: WireTime | None
    conversations: int
    messages: int
    sent: int


async def accounts(session: ReadSession, *, after: str, limit: int) -> list[Account]:
    """In the order of their usernames, after one."""
    return [Account(*row) for row in await session.rows(_PAGE, after=after, count=limit)]


async def account(session: ReadSession, *, who: str) -> Account:
    """By username or id. Raises UserNotFound."""
    rows = await session.rows(_BY_NAME, username=fold_username(who))
    if not rows and (user_id := _uuid(who)) is not None:
        rows = await session.rows(_BY_ID, user_id=user_id)
    if not rows:
        raise UserNotFound
    return Account(*rows[0])


async def use(session: ReadSession, *, user_id: UUID) -> Use:
    """Counts what somebody has: the cost grows with that."""
    (row,) = await session.rows(_USE, user_id=user_id, now=session.now)
    sessions, last_used_at, conversations, messages, sent = row
    return Use(sessions, last_used_at, conversations, int(messages), sent)


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
