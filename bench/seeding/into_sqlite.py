"""Filling an SQLite file: one transaction, nothing synced until the end, and everything as it was afterwards."""

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from bench.population import Population
from bench.seeding.rows import COLUMNS, Rows
from chatsvc.fsync import fsync

_CACHE_KIB = 2 * 1024 * 1024


def fill_sqlite(path: Path, population: Population, say: Callable[[str], None]) -> None:
    """The file is on disk when this returns. No ANALYZE: the service plans without statistics too."""
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        if connection.execute("SELECT count(*) FROM users").fetchone()[0]:
            raise ValueError("the database is not empty")
        # A copy of everything in the log would double the time: the log comes back at the end.
        for pragma in ("journal_mode=OFF", "synchronous=OFF", f"cache_size=-{_CACHE_KIB}", "foreign_keys=OFF"):
            connection.execute(f"PRAGMA {pragma}")
        connection.execute("BEGIN EXCLUSIVE")
        rows = Rows(population)
        for table, columns in COLUMNS.items():
            say(f"filling {table}")
            marks = ", ".join("?" * len(columns))
            connection.executemany(f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({marks})", rows.of(table))
        connection.execute("COMMIT")
        connection.execute("PRAGMA journal_mode=WAL")
    fsync(path)
