"""A command that is kept from its end, so that a test decides what comes first."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from chatsvc.db import ReadSession, Tx
from tests.support.service import Service

C = TypeVar("C")
R = TypeVar("R")


@dataclass
class Held(Generic[C, R]):
    """A command, done but for the commit until it may go on."""

    command: Callable[[Tx, C], Awaitable[R]]
    done: asyncio.Event = field(default_factory=asyncio.Event)
    go_on: asyncio.Event = field(default_factory=asyncio.Event)

    async def __call__(self, tx: Tx, command: C) -> R:
        result = await self.command(tx, command)
        await tx.session.flush()
        self.done.set()
        with suppress(TimeoutError):  # a test that failed meanwhile tells it nothing
            await asyncio.wait_for(self.go_on.wait(), 10)
        return result


async def somebody_waits(service: Service) -> None:
    """Come back when a command waits for another's locks, or after two seconds in which none does."""
    if service.inside.db.engines.writer.dialect.name == "sqlite":
        await asyncio.sleep(0.1)  # the one writer is held: whoever comes waits
        return
    for _ in range(100):
        if await service.inside.db.read_primary(_waiting):
            return
        await asyncio.sleep(0.02)


async def _waiting(session: ReadSession) -> bool:
    sql = "SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
    return (await session.connection.exec_driver_sql(sql)).first() is not None
