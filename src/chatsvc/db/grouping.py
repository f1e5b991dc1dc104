"""Group commit, and the same for reading: what arrives while one group is at work is gathered, and runs as the next.

The cost of a transaction is shared by all that wait for one anyway; who comes alone waits for nobody. See ADR 7.
"""

import asyncio
import time
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from contextvars import Context
from typing import Generic, Protocol, TypeVar, cast

from chatsvc.errors import TryAgain

U = TypeVar("U", bound="Unit")
R = TypeVar("R")
LINGER_SECONDS = 0.001
_MOST_WAITING = 2_048
HEAVIEST = 1_000  # some 0.1 s of work
_HELD_UP_SECONDS = 0.25


class Unit(Protocol):
    """What one caller asks. `weight` is about how many rows it is made of."""

    @property
    def weight(self) -> int: ...


class GroupCounts:
    """Since the start: units refused as too many waited, and groups by the power of two that held their units."""

    def __init__(self) -> None:
        self.refused = 0
        self.units = 0
        self.groups_of_up_to = [0] * (_MOST_WAITING.bit_length() + 1)  # 1, 2, 4, 8, …

    def note_group(self, units: int) -> None:
        self.units += units
        self.groups_of_up_to[(units - 1).bit_length()] += 1


_Waiting = tuple[U, "asyncio.Future[R]"]


class Coalescer(Generic[U, R]):
    """Runs units in groups, in order of arrival; a unit is never split.

    `run` takes a group and gives an outcome for each unit: a result, or an exception for its caller alone. A group
    weighs `heaviest` at most, unless its first unit alone is heavier. One group runs at a time; another one, up to
    `lanes`, while as much waits as fills it, or when the newest has not ended for a quarter of a second: what holds it
    up need not hold up the rest. Work runs in `context`, never in that of the request that happens to come first.
    """

    def __init__(
        self,
        run: Callable[[Sequence[U]], Awaitable[Sequence[R | Exception]]],
        *,
        lanes: int = 1,
        heaviest: int = HEAVIEST,
        context: Context | None = None,
        counts: GroupCounts | None = None,
    ) -> None:
        self._run = run
        self._lanes = lanes
        self._heaviest = heaviest
        self._context = context or Context()
        self._counts = counts or GroupCounts()
        self._waiting: deque[tuple[U, asyncio.Future[R]]] = deque()
        self._weight = 0
        self._workers: set[asyncio.Task[None]] = set()
        self._begun = 0.0

    @property
    def waiting(self) -> int:
        return len(self._waiting)

    async def submit(self, unit: U) -> R:
        """The unit's result. Raises TryAgain at once when too many wait already.

        A caller that is cancelled takes its unit along if it still waits; in a group that runs it is done to its end.
        """
        if len(self._waiting) >= _MOST_WAITING:
            self._counts.refused += 1
            raise TryAgain
        future: asyncio.Future[R] = asyncio.get_running_loop().create_future()
        self._waiting.append((unit, future))
        self._weight += unit.weight
        if self._wants_worker():
            worker = asyncio.create_task(self._work(), context=self._context.copy())
            self._workers.add(worker)
            worker.add_done_callback(self._workers.discard)
        return await future

    async def finish(self) -> None:
        """Wait until nothing waits any more."""
        while self._workers:
            await asyncio.wait(self._workers)

    def _wants_worker(self) -> bool:
        if not self._workers:
            return True
        held_up = time.monotonic() - self._begun > _HELD_UP_SECONDS
        return len(self._workers) < self._lanes and (held_up or self._weight >= self._heaviest)

    async def _work(self) -> None:
        try:
            while group := self._next_group():
                await self._answer(group)
                if len(group) > 1 and self._weight < self._heaviest:
                    # Those that were just answered ask again: without this a small group goes before the crowd.
                    await asyncio.sleep(LINGER_SECONDS)
        finally:
            self._workers.discard(cast("asyncio.Task[None]", asyncio.current_task()))

    async def _answer(self, group: "list[_Waiting[U, R]]") -> None:
        self._begun = time.monotonic()
        self._counts.note_group(len(group))
        try:
            outcomes = await self._run([unit for unit, _ in group])
            for (_, future), outcome in list(zip(group, outcomes, strict=True)):
                if future.done():
                    continue
                if isinstance(outcome, Exception):
                    future.set_exception(outcome)
                else:
                    future.set_result(outcome)
        except Exception as error:  # noqa: BLE001 - a defect of `run`; the groups after this one must be run
            for _, future in group:
                if not future.done():
                    future.set_exception(error)
        finally:
            for _, future in group:
                if not future.done():  # stopped in the middle; nobody may be left waiting
                    future.set_exception(TryAgain())

    def _next_group(self) -> "list[_Waiting[U, R]]":
        group: list[_Waiting[U, R]] = []
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
