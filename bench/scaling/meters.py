"""What Postgres and a process have spent between two moments: CPU, write-ahead log, syncs. Wall time is not looked at.

Others may use the machine: CPU seconds and bytes stay what they are, waiting does not. Wants Postgres 18, which tells
the syncs of its log in pg_stat_io.
"""

import os
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, fields
from pathlib import Path
from threading import Event, Thread
from typing import Self

import asyncpg

from bench.process_costs import cpu_seconds, family

_LOOK = """
    SELECT pg_current_wal_insert_lsn() - '0/0' AS wal_bytes,
        (SELECT sum(fsyncs) FROM pg_stat_io WHERE object = 'wal') AS syncs,
        (SELECT sum(fsync_time) FROM pg_stat_io WHERE object = 'wal') AS sync_ms,
        pg_snapshot_xmax(pg_current_snapshot())::text::bigint AS written
"""
TIMED = ("track_wal_io_timing = on",)
"""Settings of Postgres without which the syncs have no times."""
_EVERY_SECONDS = 0.1


@dataclass(frozen=True)
class Spent:
    """Seconds of CPU, of one process and of all of Postgres. `sync_ms` is the time of all syncs together, `written` the
    number of transactions that wrote something."""

    process_cpu: float
    postgres_cpu: float
    wal_bytes: float
    syncs: float
    sync_ms: float
    written: float

    def __sub__(self, before: "Spent") -> "Spent":
        return Spent(*(getattr(self, one.name) - getattr(before, one.name) for one in fields(Spent)))


async def spent(url: str, postgres: int, process_cpu: Callable[[], float] = time.process_time) -> Spent:
    """So far. A connection tells Postgres of its syncs about once a second, or when it is told to."""
    mine, its = process_cpu(), cpu_seconds(postgres)
    connection = await asyncpg.connect(url)
    try:
        row = await connection.fetchrow(_LOOK)
    finally:
        await connection.close()
    return Spent(mine, its, *(float(row[name] or 0) for name in ("wal_bytes", "syncs", "sync_ms", "written")))


Schedule = dict[int, tuple[int, int]]
"""By process: nanoseconds on a core, and ready but waiting for one (schedstat of proc(5)), of its first thread."""


def scheduled(process: int, *, descendants: bool = False) -> Schedule:
    """So far. One that has ended meanwhile is left out."""
    found: Schedule = {}
    for one in family(process) if descendants else [process]:
        with suppress(OSError):
            ran, waited, *_ = Path(f"/proc/{one}/schedstat").read_text().split()
            found[one] = int(ran), int(waited)
    return found


class Watched:
    """What programs of a name under this process have done when they end, looked at so often that little is missed."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._seen: Schedule = {}
        self._over = Event()
        self._thread = Thread(target=self._look, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()

    def _look(self) -> None:
        while not self._over.wait(_EVERY_SECONDS):
            for process, numbers in scheduled(os.getpid(), descendants=True).items():
                if _name(process) == self._name:
                    self._seen[process] = numbers

    @property
    def cpu_seconds(self) -> float:
        return sum(ran for ran, _ in self._seen.values()) / 1e9

    @property
    def stretch(self) -> float:
        return stretch(dict.fromkeys(self._seen, (0, 0)), self._seen)


def _name(process: int) -> str:
    with suppress(OSError):
        return Path(f"/proc/{process}/comm").read_text().strip()
    return ""


def stretch(before: Schedule, after: Schedule) -> float:
    """How much longer than its CPU time work took, because others had the cores: 1 on a machine of one's own.

    Of the processes that were there from the beginning to the end.
    """
    there = before.keys() & after.keys()
    ran, waited = (sum(after[one][part] - before[one][part] for one in there) for part in (0, 1))
    return 1 + waited / ran if ran else 1.0
