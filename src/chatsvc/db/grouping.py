"""Group commit, and the same for reading: what arrives while one group is at work is gathered, and runs as the next.

The cost of a transaction is shared by all that wait for one anyway; who comes alone waits for nobody. See ADR 7.
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from contextvars import Context
from typing import Generic, Protocol, TypeVar

import structlog
from sqlalchemy.exc import TimeoutError as PoolTimeout

from chatsvc.db.committing import CommitUnknown
from chatsvc.db.failures import Failure, failure_of
from chatsvc.errors import TryAgain

U = TypeVar("U", bound="Unit")
R = TypeVar("R")
_LINGER_SECONDS = 0.001
_MOST_WAITING = 2_048
_HEAVIEST = 1_000  # some 0.1 s of work
_log = structlog.get_logger(__name__)


class Unit(Protocol):
    """What one caller asks. `weight` is about how many rows it is made of."""

    @property
    def weight(self) -> int: ...


class Coalescer(Generic[U, R]):
    """Runs units in groups, in order of arrival; a unit is never split. One group runs at a time, or up to `lanes` of
    them while as much waits as fills another.

    `run` takes a group and gives an outcome for each unit: a result, or an exception for its caller alone. It does not
    raise. A group weighs `heaviest` at most, unless its first unit alone is heavier.
    """

    def __init__(
        self,
        run: Callable[[Sequence[U]], Awaitable[Sequence[R | Exception]]],
        *,
        lanes: int = 1,
        heaviest: int = _HEAVIEST,
    ) -> None:
        self._run = run
        self._lanes = lanes
        self._heaviest = heaviest
        self._waiting: deque[tuple[U, asyncio.Future[R]]] = deque()
        self._weight = 0
        self._workers: set[asyncio.Task[None]] = set()

    async def submit(self, unit: U) -> R:
        """The unit's result. Raises TryAgain at once when too many wait already.

        A caller that is cancelled takes its unit along if it still waits; in a group that runs it is done to its end.
        """
        if len(self._waiting) >= _MOST_WAITING:
            raise TryAgain
        future: asyncio.Future[R] = asyncio.get_running_loop().create_future()
        self._waiting.append((unit, future))
        self._weight += unit.weight
        if not self._workers or (self._weight >= self._heaviest and len(self._workers) < self._lanes):
            # Not in the context of the request that happens to come first: its id would stand in the log of others.
            worker = asyncio.create_task(self._work(), context=Context())
            self._workers.add(worker)
            worker.add_done_callback(self._workers.discard)
        return await future

    async def finish(self) -> None:
        """Wait until nothing waits any more."""
        while self._workers:
            await asyncio.wait(self._workers)

    async def _work(self) -> None:
        while group := self._next_group():
            try:
                outcomes = await self._run([unit for unit, _ in group])
            except Exception as error:  # noqa: BLE001 - a defect; nobody may be left waiting
                outcomes = [error] * len(group)
            for (_, future), outcome in zip(group, outcomes, strict=True):
                if future.done():
                    continue
                if isinstance(outcome, Exception):
                    future.set_exception(outcome)
                else:
                    future.set_result(outcome)
            if len(group) > 1:
                # Those that were just answered ask again: without this two halves of a crowd take turns.
                await asyncio.sleep(_LINGER_SECONDS)
        self._workers.discard(asyncio.current_task())

    def _next_group(self) -> list[tuple[U, "asyncio.Future[R]"]]:
        group: list[tuple[U, asyncio.Future[R]]] = []
        weight = 0
        while self._waiting:
            unit, future = self._waiting[0]
            if not future.done():
                if group and weight + unit.weight > self._heaviest:
                    break
                weight += unit.weight
                group.append((unit, future))
            self._waiting.popleft()
            self._weight -= unit.weight
        return group


async def together_or_apart(
    run: Callable[[Sequence[U]], Awaitable[Sequence[R | Exception]]], units: Sequence[U]
) -> Sequence[R | Exception]:
    """The outcomes of a group, or where it failed as a whole those of its units alone.

    What is wrong with one unit is then told to its caller alone. Not after a commit of unknown outcome, and not where
    no connection was to be had: then every unit is told TryAgain.
    """
    try:
        return await run(units)
    except Exception as error:  # noqa: BLE001 - whatever it is, it is handed to those who asked
        if len(units) == 1:
            return [error]
        if _is_nobodys_fault(error):
            return [TryAgain() for _ in units]
        _log.warning("group_taken_apart", units=len(units), error=repr(error.__cause__ or error))
    alone = await asyncio.gather(*(together_or_apart(run, [unit]) for unit in units))
    return [outcome for outcomes in alone for outcome in outcomes]


def _is_nobodys_fault(error: Exception) -> bool:
    cause = error.__cause__ if isinstance(error, TryAgain) else error
    if isinstance(cause, (CommitUnknown, PoolTimeout)):
        return True
    return cause is not None and failure_of(cause) is Failure.LOST
