"""The replica that queries run on, while it is of use."""

import time

import structlog
from sqlalchemy.ext.asyncio import AsyncEngine

from chatsvc.db.failures import Failure, failure_of

_WITHOUT_SECONDS = 5
_log = structlog.get_logger(__name__)


class Replica:
    """`engine` is None where there is none."""

    def __init__(self, engine: AsyncEngine | None) -> None:
        self._engine = engine
        self._without_until = 0.0

    def in_use(self) -> AsyncEngine | None:
        """The engine, unless it was away a moment ago."""
        return None if time.monotonic() < self._without_until else self._engine

    def failed(self, error: Exception) -> None:
        """Whatever it is, the primary is asked: a defect fails there again, a table not replicated yet does not."""
        failure = failure_of(error, reading=True)
        _log.warning("replica_failure", failure=failure.name, error=repr(error))
        if failure is Failure.LOST:
            # One that swallows packets costs a time-out: not at every query.
            self._without_until = time.monotonic() + _WITHOUT_SECONDS
