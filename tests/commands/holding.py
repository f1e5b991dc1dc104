"""A command that is kept from its end, so that a test decides what comes first."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from chatsvc.db import Tx

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
