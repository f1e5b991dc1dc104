"""One end of a transfer: a database that is read in one snapshot, or filled in one transaction."""

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager
from typing import Protocol

from chatsvc.db.bulk.layout import TravellingTable
from chatsvc.db.bulk.postgres_side import open_postgres
from chatsvc.db.bulk.sqlite_side import open_sqlite
from chatsvc.db.urls import DatabaseUrl

Lines = AsyncIterator[list[bytes]]
"""Rows in the form of `copy_text`, some at a time."""


class Side(Protocol):
    """What is read comes from one moment; what is filled is there as a whole, or not at all."""

    async def value(self, question: str) -> object:
        """The one value that a statement gives."""

    async def execute(self, statement: str) -> None: ...

    def lines(self, table: TravellingTable, *, in_order: bool = False) -> Lines: ...

    async def fill(self, table: TravellingTable, lines: Lines) -> None: ...


def open_side(url: DatabaseUrl, *, to_fill: bool = False) -> AbstractAsyncContextManager[Side]:
    """A snapshot of a database, or a transaction that fills it; committed unless the block ends with an exception."""
    return open_sqlite(url.path, to_fill=to_fill) if url.path else open_postgres(url.dsn, to_fill=to_fill)
