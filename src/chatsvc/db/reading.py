"""What a query may touch."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection
from sqlmodel.ext.asyncio.session import AsyncSession

from chatsvc.db.orm import OnDemand
from chatsvc.db.statements import Statement


class AskPrimary(Exception):
    """What a replica may not decide: the query is run whole again on the primary."""


@dataclass(frozen=True, slots=True)
class ReadSession:
    """One read-only snapshot, enforced by the database: REPEATABLE READ READ ONLY on Postgres, query_only on SQLite."""

    orm: OnDemand
    connection: AsyncConnection
    now: datetime
    on_replica: bool = False

    @property
    def session(self) -> AsyncSession:
        """For what is not hot."""
        return self.orm.session()

    async def rows(self, statement: Statement, **parameters: Any) -> Sequence[Any]:
        """Run one statement, give its rows."""
        return await statement.rows(self.connection, parameters)

    def only_on_primary(self) -> None:
        """Called before saying what would make a client drop something: a late replica may only be late."""
        if self.on_replica:
            raise AskPrimary
