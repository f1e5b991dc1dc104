"""Which groups there are, how large they grow and how many run at a time."""

from collections.abc import Awaitable, Callable, Sequence
from contextvars import copy_context
from typing import Any, TypeVar

from chatsvc.db.grouping import HEAVIEST, Coalescer, GroupCounts, Unit

U = TypeVar("U", bound=Unit)
R = TypeVar("R")
WHERE = ("commands", "queries", "replica")
Run = Callable[[Sequence[U]], Awaitable[Sequence[R | Exception]]]
_LANES = 4
# Postgres finds what the second half of a crowd asks while this process answers the first half: some sixteen polls of a
# hundred conversations. SQLite works in this process itself, where a second group only costs a second statement.
_HEAVIEST_QUERY_ON_POSTGRES = 200


class Groups:
    """A coalescer for each handler, made when it is first asked for."""

    def __init__(self, *, sqlite: bool) -> None:
        self._command_lanes = 1 if sqlite else _LANES  # SQLite has one writer
        self._heaviest_query = HEAVIEST if sqlite else _HEAVIEST_QUERY_ON_POSTGRES
        self._context = copy_context()  # of the process, not of a request
        self.counts = {where: GroupCounts() for where in WHERE}
        self._groups: dict[tuple[str, Any], Coalescer[Any, Any]] = {}

    def of_commands(self, handler: Any, run: Run[U, R]) -> Coalescer[U, R]:
        return self._gathered("commands", handler, run, self._command_lanes, HEAVIEST)

    def of_queries(self, query: Any, run: Run[U, R]) -> Coalescer[U, R]:
        return self._gathered("queries", query, run, _LANES, self._heaviest_query)

    def of_the_replica(self, query: Any, run: Run[U, R]) -> Coalescer[U, R]:
        return self._gathered("replica", query, run, _LANES, self._heaviest_query)

    def waiting(self, where: str) -> int:
        """How many units wait for a group of commands, of queries or of the replica. From any thread."""
        return sum(group.waiting for (place, _), group in list(self._groups.items()) if place == where)

    async def finish(self) -> None:
        """Wait until nothing waits any more."""
        for group in list(self._groups.values()):
            await group.finish()

    def _gathered(self, where: str, handler: Any, run: Run[U, R], lanes: int, heaviest: int) -> Coalescer[U, R]:
        group = self._groups.get((where, handler))
        if group is None:
            group = Coalescer(run, lanes=lanes, heaviest=heaviest, context=self._context, counts=self.counts[where])
            self._groups[where, handler] = group
        return group
