"""The databases of a run, all durable, in one folder on a disk that is gone at the end."""

import asyncio
import shutil
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import asyncpg

from bench.disk import require_a_disk
from tests.support.postgres import PostgresServer

KINDS = ("sqlite", "postgresql")
DURABLE = (
    "fsync=on",
    "synchronous_commit=on",
    "full_page_writes=on",
    "shared_buffers=256MB",
    "max_wal_size=4GB",
    "max_connections=100",
)
_STORED = "SELECT sum(next_seq - 1) FROM conversation_counters"


@dataclass(frozen=True)
class Databases:
    """Where new databases are made. `server` is there when Postgres is among the kinds."""

    folder: Path
    server: PostgresServer | None

    def new(self, kind: str, name: str) -> str:
        """The URL of an empty database."""
        if kind == "sqlite":
            return f"sqlite:///{self.folder / name}.db"
        self.administer(f'CREATE DATABASE "{name}"')
        return self.postgres.url(name)

    @property
    def postgres(self) -> PostgresServer:
        if self.server is None:
            raise RuntimeError("Postgres is not among the databases of this run")
        return self.server

    def administer(self, statement: str) -> Any:
        """One statement outside any of the databases that are measured; gives its first value."""
        return _value(self.postgres.url(), statement)


@contextmanager
def databases(kinds: tuple[str, ...], parent: Path) -> Iterator[Databases]:
    """Raises NotADisk for a parent that is kept in memory."""
    require_a_disk(parent)
    folder = Path(tempfile.mkdtemp(prefix="chatsvc-bench-", dir=parent))
    folder.chmod(0o755)  # Postgres runs as nobody where the benchmark runs as root
    server = PostgresServer(folder / "postgres", DURABLE) if "postgresql" in kinds else None
    try:
        if server is not None:
            server.initialise()
            server.start()
        yield Databases(folder, server)
    finally:
        if server is not None:
            server.stop()
        shutil.rmtree(folder, ignore_errors=True)


def stored(url: str) -> int:
    """How many messages a database holds, by its counters: `chatsvc check` tells whether they are true."""
    return int(_value(url, _STORED) or 0)


def _value(url: str, statement: str) -> Any:
    if url.startswith("sqlite:///"):
        with closing(sqlite3.connect(url.removeprefix("sqlite:///"), timeout=30)) as connection:
            return connection.execute(statement).fetchone()[0]

    async def ask() -> Any:
        connection = await asyncpg.connect(url)
        try:
            return await connection.fetchval(statement)
        finally:
            await connection.close()

    return asyncio.run(ask())
