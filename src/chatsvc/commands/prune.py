"""Removing what has no use any more: spent tokens, ended sessions, old audit rows, rate limits that are whole again.

Rows that another replica is removing at the same time are passed over, so several may prune at once.
"""

from dataclasses import dataclass
from datetime import timedelta

from chatsvc.db import Statement, Tx


@dataclass(frozen=True, slots=True)
class Prune:
    """At most `batch` rows of each table go in one transaction, so that no lock is held for long.

    Ended and expired sessions stay for `session_grace`, so that a client is still told which of the two it was.
    """

    audit_life: timedelta
    session_grace: timedelta = timedelta(days=30)
    batch: int = 1_000


@dataclass(frozen=True, slots=True)
class Pruned:
    """How many rows went; `more` tells that a batch was full."""

    refresh_tokens: int
    sessions: int
    auth_events: int
    rate_limits: int
    more: bool

    @property
    def rows(self) -> int:
        return self.refresh_tokens + self.sessions + self.auth_events + self.rate_limits


def _expired(sql: str) -> Statement:
    return Statement(sql, parameters={"before": "timestamptz"})


_IDS = {"ids": {"id": "uuid"}}
# A token that is not spent goes with its session alone: its siblings would otherwise lose their common parent.
_SPENT_TOKENS = _expired(
    """
    DELETE FROM refresh_tokens WHERE id IN (
        SELECT t.id FROM refresh_tokens AS t WHERE t.expires_at <= :before AND t.revoked_at IS NOT NULL
        LIMIT :batch {free:t}
    ) RETURNING id
    """
)
_DEAD_SESSIONS = Statement(
    """
    SELECT s.id FROM sessions AS s WHERE s.expires_at <= :before OR s.ended_at <= :before LIMIT :batch {free:s}
    """,
    parameters={"before": "timestamptz"},
    columns={"id": "uuid"},
)
_TOKENS_OF = Statement(
    "DELETE FROM refresh_tokens WHERE session_id IN (SELECT i.id FROM {ids} AS i) RETURNING id", rows=_IDS
)
_SESSIONS = Statement("DELETE FROM sessions WHERE id IN (SELECT i.id FROM {ids} AS i) RETURNING id", rows=_IDS)
_AUTH_EVENTS = _expired(
    """
    DELETE FROM auth_events WHERE id IN (SELECT e.id FROM auth_events AS e WHERE e.at <= :before LIMIT :batch {free:e})
    RETURNING id
    """
)
_RATE_LIMITS = _expired(
    """
    DELETE FROM rate_limits WHERE key IN (
        SELECT r.key FROM rate_limits AS r WHERE r.full_at <= :before LIMIT :batch {free:r}
    ) RETURNING key
    """
)


async def prune(tx: Tx, command: Prune) -> Pruned:
    """One batch. Spent tokens are kept until they would have expired: until then one that comes back was stolen."""
    batch = command.batch
    spent = len(await tx.rows(_SPENT_TOKENS, before=tx.now, batch=batch))
    dead = await tx.rows(_DEAD_SESSIONS, before=tx.now - command.session_grace, batch=batch)
    ids = [(row.id,) for row in dead]
    of_dead = len(await tx.rows(_TOKENS_OF, ids=ids)) if ids else 0
    sessions = len(await tx.rows(_SESSIONS, ids=ids)) if ids else 0
    events = len(await tx.rows(_AUTH_EVENTS, before=tx.now - command.audit_life, batch=batch))
    limits = len(await tx.rows(_RATE_LIMITS, before=tx.now, batch=batch))
    more = batch in (spent, sessions, events, limits)
    return Pruned(spent + of_dead, sessions, events, limits, more)
