"""What was measured, in one file, and lines through it: a group costs a fixed part, and a part for each message."""

import json
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from statistics import median
from typing import Any

from bench.scaling.meters import Spent


@dataclass(frozen=True)
class Cost:
    """Of one transaction of `size` messages, keys or polls: CPU in milliseconds, bytes of log, syncs of it."""

    call: str
    size: int
    round: int
    service_ms: float
    postgres_ms: float
    wal_bytes: float
    syncs: float
    sync_ms: float

    @classmethod
    def of(cls, call: str, size: int, turn: int, times: int, spent: Spent) -> "Cost":
        """`sync_ms` is the time of one sync."""
        return cls(
            call,
            size,
            turn,
            service_ms=round(spent.process_cpu * 1_000 / times, 4),
            postgres_ms=round(spent.postgres_cpu * 1_000 / times, 4),
            wal_bytes=round(spent.wal_bytes / times),
            syncs=round(spent.syncs / times, 3),
            sync_ms=round(spent.sync_ms / spent.syncs, 4) if spent.syncs else 0,
        )


@dataclass(frozen=True)
class Run:
    """A server, or two at once, asked by wrk, and what it was like on the machine meanwhile.

    CPU is that of one request, of wrk too. The stretches tell how much longer than its CPU time work took, because
    others had the cores.
    """

    name: str
    servers: int
    connections: int
    delay_ms: float
    rate: float
    p50_ms: float
    p99_ms: float
    service_ms: float
    postgres_ms: float
    messages_per_commit: float
    sync_ms: float
    client_ms: float
    client_stretch: float
    service_stretch: float
    postgres_stretch: float


@dataclass(frozen=True)
class Line:
    """`fixed` for a group, and `each` for a message of it."""

    fixed: float
    each: float

    def at(self, size: float) -> float:
        return self.fixed + self.each * size

    def times(self, factor: float) -> "Line":
        return Line(self.fixed * factor, self.each * factor)


@dataclass
class Measured:
    """The one file of what ran."""

    facts: dict[str, Any] = field(default_factory=dict)
    costs: list[Cost] = field(default_factory=list)
    runs: list[Run] = field(default_factory=list)

    def middle(self, call: str, size: int, value: Callable[[Cost], float]) -> float:
        """The median over the rounds."""
        return median(value(one) for one in self.costs if (one.call, one.size) == (call, size))

    def sizes(self, call: str) -> list[int]:
        return sorted({one.size for one in self.costs if one.call == call})

    def line(self, call: str, value: Callable[[Cost], float]) -> Line:
        """By least squares of the relative error, so that small groups count as much as large ones."""
        points = [(size, self.middle(call, size, value)) for size in self.sizes(call)]
        return fitted(points)

    def save(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(asdict(self), indent=1, sort_keys=True) + "\n")


def load_measured(path: Path) -> Measured:
    read = json.loads(path.read_text())
    return Measured(read["facts"], [Cost(**one) for one in read["costs"]], [Run(**one) for one in read["runs"]])


def fitted(points: Iterable[tuple[float, float]]) -> Line:
    """The line fixed + each * size through the points, none of it below zero."""
    found = [(size, value, 1 / value**2) for size, value in points if value > 0]
    if not found:
        return Line(0, 0)
    s0, s1, s2 = (sum(weight * size**power for size, _, weight in found) for power in (0, 1, 2))
    t0, t1 = (sum(weight * size**power * value for size, value, weight in found) for power in (0, 1))
    if (determinant := s0 * s2 - s1 * s1) <= 0:  # of one size alone
        return Line(t0 / s0, 0)
    fixed, each = (s2 * t0 - s1 * t1) / determinant, (s0 * t1 - s1 * t0) / determinant
    return Line(max(0.0, fixed), max(0.0, each))
