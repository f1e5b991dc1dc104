"""Every row of every table: read, put back, and compared up to what is made anew in each run."""

import re
from typing import Any

from sqlalchemy import delete, insert, select

from chatsvc.db import ReadSession, Tx
from chatsvc.tables import metadata
from tests.support.service import Service

Rows = list[dict[str, Any]]
Dump = dict[str, Rows]
_MADE = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f-]{22}|[0-9a-f]{64}|deleted-[0-9a-f]{24}|refresh_token='[^']*'")


async def dumped(service: Service) -> Dump:
    """In one snapshot."""

    async def everything(session: ReadSession) -> Dump:
        found: Dump = {}
        for table in metadata.sorted_tables:
            rows = await session.connection.execute(select(table).order_by(*table.primary_key))
            found[table.name] = [dict(row) for row in rows.mappings()]
        return found

    return await service.inside.db.read_primary(everything)


async def put_back(service: Service, dump: Dump) -> None:
    """The database as it was then."""

    async def write(tx: Tx, _: None) -> None:
        for table in reversed(metadata.sorted_tables):
            await tx.connection.execute(delete(table))
        for table in metadata.sorted_tables:
            if rows := dump[table.name]:
                await tx.connection.execute(insert(table), rows)

    await service.inside.db.execute(write, None)


def likeness(dump: Dump, known: Dump) -> dict[str, list[str]]:
    """The rows with ids, hashes and tokens that are not `known` all called alike, in an order that does not tell."""
    return {name: sorted(plain(row, known) for row in rows) for name, rows in dump.items()}


def plain(value: object, known: Dump) -> str:
    """What can be compared of a value from one run with that of another."""
    old = repr(known)
    return _MADE.sub(lambda made: made[0] if made[0] in old else "new", repr(value))
