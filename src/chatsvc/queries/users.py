"""Users, as others may see them."""

from uuid import UUID

from chatsvc.db import ReadSession, Statement
from chatsvc.errors import UserNotFound
from chatsvc.resources import User
from chatsvc.security.names import fold_for_search, prefix_range

_SHOWN = "{id:id} AS id, username, display_name, {time:created_at} AS created_at, {time:updated_at} AS updated_at"
_BY_ID = Statement(f"SELECT {_SHOWN} FROM users WHERE id = :user_id", parameters={"user_id": "uuid"})
# Two ranges, each of an index; LIKE would need an index of its own on each database, and escaping. Not `id IN (…)` of
# the two: beyond some hundred matches Postgres reads the whole table for that.
_SEARCH = f"""
    SELECT {_SHOWN} FROM (
        SELECT * FROM (
            SELECT id, username, display_name, created_at, updated_at FROM users
            WHERE username >= :low {{username_below}} AND id <> :reader_id AND disabled_at IS NULL
            ORDER BY username LIMIT :count
        ) AS by_username
        UNION
        SELECT id, username, display_name, created_at, updated_at FROM users
        WHERE display_name_folded >= :low {{display_name_below}} AND id <> :reader_id AND disabled_at IS NULL
    ) AS found
    ORDER BY CASE WHEN username = :low THEN 0 ELSE 1 END, username
    LIMIT :count
    """


def _search(*, bounded: bool) -> Statement:
    sql = _SEARCH.replace("{username_below}", "AND username < :high" if bounded else "")
    sql = sql.replace("{display_name_below}", "AND display_name_folded < :high" if bounded else "")
    kinds = {"reader_id": "uuid", "low": "text", **({"high": "text"} if bounded else {})}
    return Statement(sql, parameters=kinds)


_BOUNDED, _UNBOUNDED = _search(bounded=True), _search(bounded=False)


async def user(session: ReadSession, *, user_id: UUID) -> User:
    """Raises UserNotFound."""
    rows = await session.rows(_BY_ID, user_id=user_id)
    if not rows:
        raise UserNotFound
    return User(*rows[0])


async def users_by_prefix(session: ReadSession, *, reader_id: UUID, query: str, limit: int) -> list[User]:
    """Those whose username or display name begins with `query`, folded: the exact username first, then by username.

    Nobody who is disabled.
    """
    low, high = prefix_range(fold_for_search(query))
    if high is None:
        rows = await session.rows(_UNBOUNDED, reader_id=reader_id, low=low, count=limit)
    else:
        rows = await session.rows(_BOUNDED, reader_id=reader_id, low=low, high=high, count=limit)
    return [User(*row) for row in rows]
