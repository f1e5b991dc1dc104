"""Discrete-event simulation with processes: a clock, gates to wait at, and stations that serve one after the other.

A process is a generator that yields a number of seconds to let pass, or a gate to wait for. (Law, Simulation Modeling
and Analysis, ch. 1; the process view is that of Simula and SimPy.) The same events in the same order for the same seed.
"""

from collections import deque
from collections.abc import Generator, Iterable
from heapq import heappop, heappush
from itertools import count


class Gate:
    """Opens once; who comes later passes at once."""

    __slots__ = ("opened", "waiting")

    def __init__(self) -> None:
        self.opened = False
        self.waiting: list[Process] = []


Process = Generator[float | Gate, None, None]


class Clock:
    """`now` in seconds. Processes that are due at the same moment go on in the order in which they began to wait."""

    def __init__(self) -> None:
        self.now = 0.0
        self._due: list[tuple[float, int, Process]] = []
        self._order = count()
        self._alive: set[Process] = set()

    def begin(self, process: Process) -> None:
        self._alive.add(process)
        self._after(0.0, process)

    def open(self, gate: Gate) -> None:
        gate.opened = True
        for process in gate.waiting:
            self._after(0.0, process)
        gate.waiting.clear()

    def run(self, until: float) -> None:
        """Let time pass; what is due later stays where it is."""
        while self._due and self._due[0][0] <= until:
            self.now, _, process = heappop(self._due)
            self._go_on(process)
        self.now = until

    def close(self) -> None:
        """End what is still on its way, from the outside in: the garbage collector would do it in any order."""
        for process in self._alive:
            process.close()
        self._alive.clear()

    def _after(self, seconds: float, process: Process) -> None:
        heappush(self._due, (self.now + seconds, next(self._order), process))

    def _go_on(self, process: Process) -> None:
        for wanted in process:
            if isinstance(wanted, Gate):
                if wanted.opened:
                    continue
                wanted.waiting.append(process)
            else:
                self._after(wanted, process)
            return
        self._alive.discard(process)


def all_of(clock: Clock, processes: Iterable[Process]) -> Process:
    """Several at once; ends with the last of them."""
    gates = []
    for process in processes:
        gates.append(gate := Gate())
        clock.begin(_then_open(clock, process, gate))
    yield from gates


def _then_open(clock: Clock, process: Process, gate: Gate) -> Process:
    yield from process
    clock.open(gate)


class Station:
    """`servers` alike, first come, first served. `worked` is the time that they were busy, in sum."""

    def __init__(self, clock: Clock, servers: int = 1) -> None:
        self._clock = clock
        self._free = servers
        self.servers = servers
        self.queue: deque[Gate] = deque()
        self.worked = 0.0

    def serve(self, seconds: float) -> Process:
        if self._free:
            self._free -= 1
        else:
            self.queue.append(gate := Gate())
            yield gate  # whoever leaves hands the server over
        yield seconds
        self.worked += seconds
        if self.queue:
            self._clock.open(self.queue.popleft())
        else:
            self._free += 1
