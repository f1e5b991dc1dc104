"""The one file of a run. Every number of the page and of the pictures is computed from it."""

import json
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from statistics import median
from typing import Any

from bench.measuring import Cost


@dataclass(frozen=True)
class Measurement:
    """One subject in one round of a figure. `size` is the number of messages where the database grows."""

    figure: str
    subject: str
    connections: int
    round: int
    requests: int
    rate: float
    p50_ms: float
    p90_ms: float
    p99_ms: float
    max_ms: float
    cpu_ms: float
    beside_cpu_ms: float = 0
    size: int = 0

    @property
    def all_cpu_ms(self) -> float:
        """With what the database's own processes spent, where it has some."""
        return self.cpu_ms + self.beside_cpu_ms


Value = Callable[[Measurement], float]


@dataclass(frozen=True)
class Spread:
    """A median over the rounds of a run, and the ends between which they were."""

    median: float
    low: float
    high: float


@dataclass
class Results:
    """`facts` tells the machine and the run; `memory` megabytes by subject; `plans` how tables are read."""

    facts: dict[str, Any] = field(default_factory=dict)
    measurements: list[Measurement] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)
    memory: dict[str, float] = field(default_factory=dict)
    checks: dict[str, str] = field(default_factory=dict)
    plans: dict[str, dict[str, dict[str, list[str]]]] = field(default_factory=dict)

    def add(self, figure: str, subject: str, connections: int, turn: int, cost: Cost, size: int = 0) -> Measurement:
        load = cost.load
        made = Measurement(
            figure=figure,
            subject=subject,
            connections=connections,
            round=turn,
            requests=load.requests,
            rate=round(load.rate, 2),
            p50_ms=round(load.p50_ms, 4),
            p90_ms=round(load.p90_ms, 4),
            p99_ms=round(load.p99_ms, 4),
            max_ms=round(load.max_ms, 4),
            cpu_ms=round(cost.cpu_ms, 4),
            beside_cpu_ms=round(cost.beside_cpu_ms, 4),
            size=size,
        )
        self.measurements.append(made)
        return made

    def of(self, figure: str, subject: str, connections: int, size: int = 0) -> dict[int, Measurement]:
        """By round."""
        wanted = (figure, subject, connections, size)
        return {
            one.round: one
            for one in self.measurements
            if (one.figure, one.subject, one.connections, one.size) == wanted
        }

    @property
    def broken(self) -> list[str]:
        """What failed, and the databases of which a promise does not hold."""
        kept = "every promise holds"
        return [*self.failures, *(f"{name}: {said}" for name, said in self.checks.items() if not said.endswith(kept))]

    def save(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(asdict(self), indent=1, sort_keys=True) + "\n")


def load(path: Path) -> Results:
    read = json.loads(path.read_text())
    return Results(**{**read, "measurements": [Measurement(**one) for one in read["measurements"]]})


def spread(values: Iterable[float]) -> Spread | None:
    """None when nothing was measured."""
    found = list(values)
    return Spread(median(found), min(found), max(found)) if found else None


def spread_of(measurements: dict[int, Measurement], value: Value) -> Spread | None:
    return spread(map(value, measurements.values()))


def ratio(
    over: dict[int, Measurement], under: dict[int, Measurement], value: Value, *, times: float = 1
) -> Spread | None:
    """Of the same value of two subjects, within each round: what both rounds of a machine share falls out."""
    return spread(times * value(over[turn]) / value(under[turn]) for turn in sorted(over.keys() & under.keys()))
