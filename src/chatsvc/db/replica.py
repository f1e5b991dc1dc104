"""The replica that queries run on, while it is of use."""

import asyncio
import time
from collections.abc import Awaitable, Callable

import structlog
from sqlalchemy.ext.asyncio import AsyncEngine

from chatsvc.db.engines import Engines
from chatsvc.db.failures import Failure, failure_of
from chatsvc.db.reading import ReadSession
from chatsvc.db.replica_lag import Lag, Position, position_of_primary, position_of_replica

_WITHOUT_SECONDS = 5
_ON_ITS_WAY_SECONDS = 0.1  # what is written takes a moment to arrive: a replica that keeps up has it then
_log = structlog.get_logger(__name__)

Ask = Callable[[AsyncEngine, Callable[[ReadSession], Awaitable[Position]]], Awaitable[Position]]


class Replica:
    """There may be none. One that may be later than `max_lag_seconds` is not used, nor one that was not measured yet;
    0 uses it however late it is."""

    def __init__(self, engines: Engines, *, max_lag_seconds: float = 0) -> None:
        self._engine = engines.replica
        self._primary = engines.reader
        self._max_lag_seconds = max_lag_seconds
        self._lag = Lag()
        self._without_until = 0.0

    @property
    def exists(self) -> bool:
        return self._engine is not None

    @property
    def lag_seconds(self) -> float | None:
        """Nothing that was answered longer ago than this is missing there, as was last measured. None: unknown."""
        return self._lag.seconds(time.monotonic())

    @property
    def is_late(self) -> bool:
        """Later than it may be, or for all that is known it could be."""
        if not self._max_lag_seconds:
            return False
        lag = self.lag_seconds
        return lag is None or lag > self._max_lag_seconds

    def in_use(self) -> AsyncEngine | None:
        """The engine, unless it was away a moment ago, or is late."""
        return None if self._engine is None or time.monotonic() < self._without_until or self.is_late else self._engine

    def failed(self, error: Exception) -> None:
        """Whatever it is, the primary is asked: a defect fails there again, a table not replicated yet does not."""
        failure = failure_of(error, reading=True)
        _log.warning("replica_failure", failure=failure.name, error=repr(error))
        if failure is Failure.LOST:
            # One that swallows packets costs a time-out: not at every query.
            self._without_until = time.monotonic() + _WITHOUT_SECONDS

    async def measure(self, ask: Ask) -> None:
        """One small statement to each. Where either does not answer, the lag is known no better, and so grows."""
        if self._engine is None:
            return
        asked_at = time.monotonic()
        self._lag.primary_is(await ask(self._primary, position_of_primary), asked_at)
        await asyncio.sleep(_ON_ITS_WAY_SECONDS)
        self._lag.replica_is(await ask(self._engine, position_of_replica))
