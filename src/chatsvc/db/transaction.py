"""What a command may touch."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection
from sqlmodel.ext.asyncio.session import AsyncSession

from chatsvc.db.orm import OnDemand
from chatsvc.db.statements import Statement


class RunAgain(Exception):
    """Raised by a command: roll everything back and run the whole again, what was waited for is visible then."""


@dataclass(frozen=True, slots=True)
class Tx:
    """One attempt at a command: READ COMMITTED on Postgres, BEGIN IMMEDIATE on SQLite. Made anew for every attempt.

    `now` is the only clock. `changed` are the conversations, `ended` the sessions, to announce after the commit.
    """

    orm: OnDemand
    connection: AsyncConnection
    now: datetime
    changed: set[UUID] = field(default_factory=set)
    ended: set[UUID] = field(default_factory=set)

    @property
    def session(self) -> AsyncSession:
        """For what is not hot. It never ends the transaction."""
        return self.orm.session()

    async def rows(self, statement: Statement, **parameters: Any) -> Sequence[Any]:
        """Run one statement, give its rows. Past the ORM: the session's own objects are flushed by the caller."""
        return await statement.rows(self.connection, parameters)
