"""A `run` for a Coalescer that can be held, and callers named by letters."""

import asyncio
from collections.abc import Sequence
from contextvars import ContextVar
from dataclasses import dataclass, field

from chatsvc.db.grouping import Coalescer

FEW_TURNS = 10  # of the loop: a timer of a millisecond takes a hundred
who: ContextVar[str] = ContextVar("who", default="nobody")


@dataclass(frozen=True)
class Work:
    name: str
    weight: int = 1


@dataclass
class Running:
    """A `run` that notes its groups and, while its gate is shut, stays in them."""

    groups: list[str] = field(default_factory=list)
    contexts: set[str] = field(default_factory=set)
    gate: asyncio.Event = field(default_factory=asyncio.Event)

    async def __call__(self, units: Sequence[Work]) -> list[str | Exception]:
        names = "".join(unit.name for unit in units)
        self.groups.append(names)
        self.contexts.add(who.get())
        await self.gate.wait()
        if "!" in names:
            raise ZeroDivisionError
        return [KeyError(unit.name) if unit.name == "?" else unit.name.upper() for unit in units]


async def turns(count: int = FEW_TURNS) -> None:
    for _ in range(count):
        await asyncio.sleep(0)


def submit(group: Coalescer[Work, str], names: str, weight: int = 1) -> list[asyncio.Task[str]]:
    """A caller for each letter."""
    return [asyncio.create_task(group.submit(Work(name, weight))) for name in names]


async def answers(callers: Sequence[asyncio.Task[str]]) -> list[str]:
    """What each was told: a result, the name of an exception, or CancelledError."""
    told = await asyncio.wait_for(asyncio.gather(*callers, return_exceptions=True), 5)
    return [type(one).__name__ if isinstance(one, BaseException) else one for one in told]
