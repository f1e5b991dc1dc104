"""A database node: cores, a log that is synced for all who wait at once, rows that one transaction at a time holds."""

from collections import deque
from collections.abc import Iterable

from bench.scaling.events import Clock, Gate, Process, Station


class Log:
    """Group commit as Postgres does it: who comes while a sync is under way waits for the next, which is for all.

    Each sync waits `delay` (commit_delay) and then as long as the disk takes. After it each commit waits for a
    `standby`, if there is one, all at the same time.
    """

    def __init__(self, clock: Clock, sync: float, delay: float = 0.0, standby: float = 0.0) -> None:
        self._clock = clock
        self._standby = standby
        self._seconds = sync + delay
        self._waiting: list[Gate] = []
        self._syncing = False
        self.syncs = 0
        self.worked = 0.0

    def flush(self) -> Process:
        self._waiting.append(gate := Gate())
        if not self._syncing:
            self._syncing = True
            self._clock.begin(self._sync())
        yield gate
        if self._standby:
            yield self._standby

    def _sync(self) -> Process:
        while self._waiting:
            served, self._waiting = self._waiting, []
            yield self._seconds
            self.syncs += 1
            self.worked += self._seconds
            for gate in served:
                self._clock.open(gate)
        self._syncing = False


class Rows:
    """Row locks, each held by one transaction and waited for in order of arrival."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._held: dict[int, deque[Gate]] = {}

    def take(self, keys: Iterable[int]) -> Process:
        """In sorted order, as the service does: nobody waits for each other."""
        for key in sorted(keys):
            if key in self._held:
                self._held[key].append(gate := Gate())
                yield gate
            else:
                self._held[key] = deque()

    def release(self, keys: Iterable[int]) -> None:
        for key in keys:
            if waiting := self._held[key]:
                self._clock.open(waiting.popleft())
            else:
                del self._held[key]


class Node:
    """One server of the database, alone on its machine."""

    def __init__(self, clock: Clock, cores: int, log: Log) -> None:
        self.cores = Station(clock, cores)
        self.log = log
        self.rows = Rows(clock)
