"""Runs commands in transactions and queries on snapshots. Nothing else begins, commits, rolls back or retries."""

import asyncio
import random
import time
from collections.abc import Awaitable, Callable, Coroutine
from datetime import UTC, datetime
from typing import Any, Protocol, TypeVar
from uuid import UUID

import structlog
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine
from sqlmodel.ext.asyncio.session import AsyncSession

from chatsvc.column_types import to_millisecond
from chatsvc.db.committing import CommitUnknown, commit, forget_errors, note_errors
from chatsvc.db.engines import Engines
from chatsvc.db.failures import Failure, failure_of
from chatsvc.db.reading import AskPrimary, ReadSession
from chatsvc.db.transaction import RunAgain, Tx
from chatsvc.errors import ChatError, TryAgain

C = TypeVar("C")
R = TypeVar("R")
_ATTEMPTS = 5
_PATIENCE_SECONDS = 5  # no further attempt after this: a host that answers nothing takes as long to be noticed
_WITHOUT_REPLICA_SECONDS = 5
_log = structlog.get_logger(__name__)


class Announce(Protocol):
    """Called once for a committed attempt. Synchronous, and never fails."""

    def __call__(self, *, changed: set[UUID], ended: set[UUID]) -> None: ...


class Database:
    """The one way to the data. `clock` tells the time that commands and queries see."""

    def __init__(
        self,
        engines: Engines,
        *,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
        after_commit: Announce = lambda **_: None,
    ) -> None:
        self.engines = engines
        self._clock = clock
        self._after_commit = after_commit
        self._running: set[asyncio.Task[Any]] = set()
        self._without_replica_until = 0.0
        note_errors(engines.writer)

    def now(self) -> datetime:
        """The present moment, to the millisecond, in UTC."""
        return to_millisecond(self._clock())

    async def execute(self, handler: Callable[[Tx, C], Awaitable[R | ChatError]], command: C) -> R:
        """Run one command in a transaction of its own, whole again on a transient failure.

        A ChatError that the handler *returns* is raised after the commit (a session revoked for reuse, a failed login
        in the audit log); one that it raises rolls back. Raises TryAgain when the database is busy or away, and when
        the connection is lost during COMMIT: then the outcome is unknown, and only the client may repeat.
        The work goes on to its end when the caller is cancelled.
        """
        result = await self._to_its_end(self._persist(lambda: self._command(handler, command)))
        if isinstance(result, ChatError):
            raise result
        return result

    async def read(self, query: Callable[..., Awaitable[R]], /, **arguments: Any) -> R:
        """Run a query on one read-only snapshot; whole again on the primary where a replica may not decide."""
        replica = self.engines.replica
        if replica is None or time.monotonic() < self._without_replica_until:
            return await self.read_primary(query, **arguments)
        try:
            return await self._to_its_end(self._query(replica, query, arguments))
        except (AskPrimary, ChatError):
            pass
        except Exception as error:  # noqa: BLE001
            # Whatever it is: a defect fails there again, a table that has not been replicated yet does not.
            failure = failure_of(error, reading=True)
            _log.warning("replica_failure", failure=failure.name, error=repr(error))
            if failure is Failure.LOST:
                # One that swallows packets costs a time-out: not at every query.
                self._without_replica_until = time.monotonic() + _WITHOUT_REPLICA_SECONDS
        return await self.read_primary(query, **arguments)

    async def read_primary(self, query: Callable[..., Awaitable[R]], /, **arguments: Any) -> R:
        """Run a query on one read-only snapshot of the primary: authentication, and what must not be late."""
        return await self._to_its_end(
            self._persist(lambda: self._query(self.engines.reader, query, arguments), reading=True)
        )

    async def close(self) -> None:
        """Let what runs come to its end, then close every connection."""
        while self._running:
            await asyncio.wait(self._running)
        await self.engines.dispose()

    async def _to_its_end(self, work: Coroutine[Any, Any, R]) -> R:
        """A cancelled caller must not leave a connection in the middle of a statement."""
        task = asyncio.create_task(work)
        self._running.add(task)
        task.add_done_callback(self._finished)
        return await asyncio.shield(task)

    def _finished(self, task: asyncio.Task[Any]) -> None:
        self._running.discard(task)
        if not task.cancelled():
            task.exception()  # retrieved, for when nobody waits any more

    async def _persist(self, attempt: Callable[[], Awaitable[R]], *, reading: bool = False) -> R:
        give_up = time.monotonic() + _PATIENCE_SECONDS
        for left in reversed(range(_ATTEMPTS)):
            try:
                return await attempt()
            except (ChatError, AskPrimary):
                raise
            except CommitUnknown as error:
                _log.warning("commit_outcome_unknown", error=repr(error.__cause__))
                raise TryAgain from error
            except RunAgain:
                continue
            except Exception as error:
                failure = failure_of(error, reading=reading)
                if failure is Failure.DEFECT:
                    raise
                _log.warning("database_failure", failure=failure.name, attempts_left=left, error=repr(error))
                if failure is Failure.BUSY or time.monotonic() > give_up:
                    raise TryAgain from error
            await asyncio.sleep(random.uniform(0.005, 0.02) * (_ATTEMPTS - left))  # noqa: S311 - jitter
        raise TryAgain

    async def _command(self, handler: Callable[[Tx, C], Awaitable[R | ChatError]], command: C) -> R | ChatError:
        async with self.engines.writer.connect() as connection:
            tx = Tx(_session(connection), connection, self.now())
            await connection.begin()
            forget_errors(connection)
            result = await handler(tx, command)
            await tx.session.flush()
            await commit(connection)
        try:
            self._after_commit(changed=tx.changed, ended=tx.ended)
        except Exception:  # noqa: BLE001 - whatever it is, what is committed must not be run again
            _log.exception("announcement_failed")
        return result

    async def _query(self, engine: AsyncEngine, query: Callable[..., Awaitable[R]], arguments: dict[str, Any]) -> R:
        async with engine.connect() as connection:
            await connection.begin()
            on_replica = engine is self.engines.replica
            session = ReadSession(_session(connection), connection, self.now(), on_replica=on_replica)
            return await query(session, **arguments)


def _session(connection: AsyncConnection) -> AsyncSession:
    """The session never ends the connection's transaction: that is done here."""
    return AsyncSession(bind=connection, expire_on_commit=False, join_transaction_mode="rollback_only")
