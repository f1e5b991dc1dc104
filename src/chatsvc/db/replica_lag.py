"""How late a replica is, by where the primary's write-ahead log was at which time, and how far the replica has come.

Nothing is written for it. What a replica says of itself will not do: `pg_last_xact_replay_timestamp()` grows old while
the primary is idle, and one that is cut off from its primary has replayed all that it ever received.
"""

from collections import deque
from dataclasses import dataclass

from chatsvc.db.reading import ReadSession
from chatsvc.db.statements import Statement

_REMEMBERED = 3_600
# Of a server that is a standby no more the start tells whether it is the primary itself: after a failover, both URLs
# may lead to it.
_PRIMARY = Statement("""
    SELECT CAST(pg_current_wal_flush_lsn() - '0/0' AS bigint) AS at, CAST(pg_postmaster_start_time() AS text) AS server
""")
_REPLICA = Statement("""
    SELECT CAST(CASE WHEN pg_is_in_recovery() THEN pg_last_wal_replay_lsn() END - '0/0' AS bigint) AS at,
        pg_is_in_recovery() AS follows, CAST(pg_postmaster_start_time() AS text) AS server
""")


@dataclass(frozen=True, slots=True)
class Position:
    """In bytes of log; None where a server that should follow does not, or does not tell."""

    at: int | None
    server: str
    follows: bool = False


async def position_of_primary(session: ReadSession) -> Position:
    (row,) = await session.rows(_PRIMARY)
    return Position(row.at, row.server)


async def position_of_replica(session: ReadSession) -> Position:
    (row,) = await session.rows(_REPLICA)
    return Position(row.at, row.server, row.follows)


class Lag:
    """The most that a replica may lack of the primary's latest past. It grows by itself while nothing is heard.

    Times are those of a monotonic clock.
    """

    def __init__(self) -> None:
        self._server = ""
        self._ahead: deque[tuple[float, int]] = deque(maxlen=_REMEMBERED)  # where the primary was, not yet replayed
        self._whole: tuple[float, int] | None = None  # all that was answered before this moment is there

    def primary_is(self, found: Position, asked_at: float) -> None:
        """`asked_at` is before the question: what was answered until then lies before that position."""
        at = found.at or 0
        last = self._ahead[-1] if self._ahead else self._whole
        if last is not None and at < last[1]:
            # Another log: after a failover that lost something, or a restore.
            self._ahead.clear()
            self._whole = None
        self._server = found.server
        self._ahead.append((asked_at, at))

    def replica_is(self, found: Position) -> None:
        """To be told after the primary's position."""
        at = found.at
        if not found.follows and found.server == self._server:
            at = self._ahead[-1][1]  # it is the primary
        if at is None or (self._whole is not None and at < self._whole[1]):
            self._whole = None  # it follows nobody, or an older copy has taken its place
        while at is not None and self._ahead and self._ahead[0][1] <= at:
            self._whole = self._ahead.popleft()

    def seconds(self, now: float) -> float | None:
        """None until it was measured, and while it follows nobody."""
        return None if self._whole is None else now - self._whole[0]
