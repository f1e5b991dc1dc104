"""Whether the session of an access token still lives, asked of the primary every few seconds at most.

Those who come back at the same moment, after a restart or a lost network, are asked for together.
"""

import math
import time
from collections import OrderedDict
from collections.abc import Iterable
from uuid import UUID

from chatsvc.db import Database
from chatsvc.errors import AccessTokenInvalid
from chatsvc.queries.sessions import SessionQuestion, live_sessions

_MAX_SESSIONS = 100_000


class SessionLiveness:
    """`seconds` bounds how long an ended session may still be taken for a live one, on any replica."""

    def __init__(self, db: Database, *, seconds: float) -> None:
        self._db = db
        self._seconds = seconds
        self._endings = 0
        self._seen: OrderedDict[UUID, tuple[float, UUID]] = OrderedDict()

    async def require(self, *, session_id: UUID, user_id: UUID) -> None:
        """Raises AccessTokenInvalid when the session has ended, or never was the user's."""
        asked_at = time.monotonic()  # before the question: the answer is no younger than that
        seen_at, owner = self._seen.get(session_id, (-math.inf, None))
        if owner == user_id and asked_at - seen_at < self._seconds:
            return
        endings = self._endings
        if not await self._db.read_primary_together(live_sessions, SessionQuestion(session_id, user_id)):
            self._seen.pop(session_id, None)
            raise AccessTokenInvalid
        if endings != self._endings:
            return  # some session ended while the question was on its way: the answer may be from before
        self._seen[session_id] = (asked_at, user_id)
        self._seen.move_to_end(session_id)
        if len(self._seen) > _MAX_SESSIONS:
            self._seen.popitem(last=False)

    def forget(self, session_ids: Iterable[UUID]) -> None:
        """Sessions that ended here: refused from now on, in this process."""
        self._endings += 1
        for session_id in session_ids:
            self._seen.pop(session_id, None)
