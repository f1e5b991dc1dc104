"""A session of the ORM on a connection whose transaction is ended elsewhere."""

from sqlalchemy.ext.asyncio import AsyncConnection
from sqlmodel.ext.asyncio.session import AsyncSession


class OnDemand:
    """Made when it is first asked for: the hot handlers never do, and it costs as much as a statement."""

    __slots__ = ("_connection", "_session")

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection
        self._session: AsyncSession | None = None

    def session(self) -> AsyncSession:
        if self._session is None:
            self._session = AsyncSession(
                bind=self._connection, expire_on_commit=False, join_transaction_mode="rollback_only"
            )
        return self._session

    async def flush(self) -> None:
        """Write what the session holds, if there is one."""
        if self._session is not None:
            await self._session.flush()
