"""Small results, as a run writes them."""

from bench.results import Measurement, Results

LARGE = 5_000_000
SMALL = 10_000


def measured(figure: str, subject: str, connections: int, rates: list[float], **other: float) -> list[Measurement]:
    """One measurement a round; p50 is 1 ms and p99 2 ms unless told."""
    size = int(other.pop("size", 0))
    numbers = {"p50_ms": 1.0, "p90_ms": 1.5, "p99_ms": 2.0, "max_ms": 3.0, "cpu_ms": 0.5, **other}
    return [
        Measurement(figure, subject, connections, turn, requests=100, rate=rate, size=size, **numbers)
        for turn, rate in enumerate(rates, 1)
    ]


def small_results() -> Results:
    """Sends and growth of reads on SQLite; nothing else was measured."""
    found = [
        *measured("sends", "floor", 32, [4_000, 2_000, 3_000]),
        *measured("sends", "service/sqlite", 32, [3_000, 1_600, 2_100], p99_ms=5.0),
        *measured("sends", "baseline/sqlite", 1, [100, 100, 100], p50_ms=6.0),
        *measured("sends", "service/sqlite", 1, [400, 400, 400], p50_ms=2.5),
    ]
    for size, cost in ((SMALL, 2.0), (LARGE, 2.5)):
        found += measured("growth-history", "service/sqlite", 1, [10], size=size, p50_ms=cost, cpu_ms=2.0)
    plans = {"history": ["messages: by_seq", "users: whole"]}
    facts = {
        "date": "2026-11-25", "revision": "abc", "cores": 2, "load_before": 0.1, "processor": "quick",
        "memory_gib": 8, "kernel": "6", "python": "3.11", "sqlite": "3.40", "wrk": "4.1.0", "file_system": "ext4",
        "sync_ms": 0.2, "packages": {"fastapi": "1"}, "rounds": 3, "seconds": 3,
    }  # fmt: skip
    return Results(
        facts=facts,
        measurements=found,
        memory={"service/sqlite": 100.0},
        checks={"service/sqlite": "5 users; every promise holds"},
        plans={"sqlite": {str(SMALL): plans, str(LARGE): plans}},
    )
