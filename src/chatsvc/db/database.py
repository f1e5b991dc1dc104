"""Runs commands in transactions and queries on snapshots. Nothing else begins, commits, rolls back or retries."""

from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from functools import partial
from typing import Any, Protocol, TypeVar
from uuid import UUID

import structlog
from sqlalchemy.ext.asyncio import AsyncEngine

from chatsvc.column_types import to_millisecond
from chatsvc.db.attempts import persist
from chatsvc.db.committing import commit, forget_errors, note_errors
from chatsvc.db.engines import Engines
from chatsvc.db.failure_counts import FailureCounts
from chatsvc.db.failures import failure_of
from chatsvc.db.grouping import Unit
from chatsvc.db.groups import Groups
from chatsvc.db.orm import OnDemand
from chatsvc.db.reading import AskPrimary, ReadSession
from chatsvc.db.replica import Replica
from chatsvc.db.taking_apart import together_or_apart
from chatsvc.db.transaction import Tx
from chatsvc.db.uncancelled import Uncancelled
from chatsvc.errors import ChatError

C = TypeVar("C")
R = TypeVar("R")
U = TypeVar("U", bound=Unit)
GroupHandler = Callable[[Tx, Sequence[U]], Awaitable[Sequence[R]]]
Questions = Callable[[ReadSession, Sequence[U]], Awaitable[Sequence[R | ChatError | AskPrimary]]]
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
        replica_max_lag_seconds: float = 0,
    ) -> None:
        self.engines = engines
        self.counts = FailureCounts()
        self._clock = clock
        self._after_commit = after_commit
        self._uncancelled = Uncancelled()
        self.groups = Groups(sqlite=engines.writer.dialect.name == "sqlite")
        self.replica = Replica(engines, max_lag_seconds=replica_max_lag_seconds)
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
        result = await self._uncancelled.run(persist(lambda: self._command(handler, command), self.counts))
        if isinstance(result, ChatError):
            raise result
        return result

    async def execute_together(self, handler: GroupHandler[U, R], unit: U) -> R:
        """Group commit: units that wait are joined, in order and never split, into one call of the handler.

        The handler gives a result for each unit. A group whose transaction fails is run one by one, so that what is
        wrong with a unit is told to its caller alone; after a commit of unknown outcome nothing is run again, and
        everybody in the group is told TryAgain.
        """
        run = partial(self._each, partial(self._command, handler))
        return await self.groups.of_commands(handler, run).submit(unit)

    async def read(self, query: Callable[..., Awaitable[R]], /, **arguments: Any) -> R:
        """Run a query on one read-only snapshot; whole again on the primary where a replica may not decide."""
        if (engine := self.replica.in_use()) is not None:
            try:
                return await self._uncancelled.run(self._query(engine, partial(query, **arguments)))
            except (AskPrimary, ChatError):
                pass
            except Exception as error:  # noqa: BLE001
                self._replica_failed(error)
        return await self.read_primary(query, **arguments)

    async def read_primary(self, query: Callable[..., Awaitable[R]], /, **arguments: Any) -> R:
        """Run a query on one read-only snapshot of the primary: authentication, and what must not be late."""
        bound = partial(query, **arguments)
        attempts = persist(lambda: self._query(self.engines.reader, bound), self.counts, reading=True)
        return await self._uncancelled.run(attempts)

    async def read_together(self, query: Questions[U, R], question: U) -> R:
        """Questions that wait are joined into one call of the query, on one snapshot.

        The query gives for each its answer, a ChatError that is raised for its caller alone, or AskPrimary, for what a
        replica may not decide: then this question is asked again there.
        """
        if self.replica.in_use() is not None:
            with suppress(AskPrimary, ChatError):
                return await self.groups.of_the_replica(query, partial(self._on_replica, query)).submit(question)
        return await self.read_primary_together(query, question)

    async def read_primary_together(self, query: Questions[U, R], question: U) -> R:
        """The same on the primary: no answer is older than its question."""
        run = partial(self._each, partial(self._query, self.engines.reader, query), reading=True)
        return await self.groups.of_queries(query, run).submit(question)

    async def measure_replica(self) -> None:
        """Find out how late it is; for a worker, now and again. Raises what the databases raise."""
        await self.replica.measure(lambda engine, query: self._uncancelled.run(self._query(engine, query)))

    async def close(self) -> None:
        """Let what runs come to its end, then close every connection."""
        await self.groups.finish()
        await self._uncancelled.finish()
        await self.engines.dispose()

    async def _each(
        self, attempt: Callable[[Sequence[U]], Awaitable[Sequence[R]]], units: Sequence[U], *, reading: bool = False
    ) -> Sequence[R | Exception]:
        async def run(some: Sequence[U]) -> Sequence[R | Exception]:
            return await self._uncancelled.run(persist(lambda: attempt(some), self.counts, reading=reading))

        return await together_or_apart(run, units)

    async def _on_replica(self, query: Questions[U, R], questions: Sequence[U]) -> Sequence[R | Exception]:
        if (engine := self.replica.in_use()) is not None:
            try:
                return await self._uncancelled.run(self._query(engine, query, questions))
            except Exception as error:  # noqa: BLE001
                self._replica_failed(error)
        return [AskPrimary() for _ in questions]

    def _replica_failed(self, error: Exception) -> None:
        self.counts.failed(failure_of(error, reading=True), error, database="replica")
        self.replica.failed(error)

    async def _command(self, handler: Callable[[Tx, C], Awaitable[R]], command: C) -> R:
        async with self.engines.writer.connect() as connection:
            tx = Tx(OnDemand(connection), connection, self.now())
            await connection.begin()
            forget_errors(connection)
            result = await handler(tx, command)
            await tx.orm.flush()
            await commit(connection)
        try:
            self._after_commit(changed=tx.changed, ended=tx.ended)
        except Exception:  # noqa: BLE001 - whatever it is, what is committed must not be run again
            _log.exception("announcement_failed")
        return result

    async def _query(self, engine: AsyncEngine, query: Callable[..., Awaitable[R]], *asked: Any) -> R:
        async with engine.connect() as connection:
            await connection.begin()
            on_replica = engine is self.engines.replica
            session = ReadSession(OnDemand(connection), connection, self.now(), on_replica=on_replica)
            return await query(session, *asked)
