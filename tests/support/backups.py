"""Backups of a whole server database, taken and put back: what an operator does to it."""

import sqlite3
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

import asyncpg

SIDES = ("", "-wal", "-shm")


@dataclass
class SqliteBackups:
    """Copies of a file, by SQLite's own backup: it may be served meanwhile, but not while one is put back."""

    url: str
    while_served: bool = True
    _numbers: "count[int]" = field(default_factory=count)

    @property
    def _path(self) -> Path:
        return Path(self.url.removeprefix("sqlite:///"))

    async def take(self) -> str:
        copy = f"{self._path}.{next(self._numbers)}.copy"
        _copy(str(self._path), copy)
        return copy

    async def put_back(self, copy: str) -> None:
        for side in SIDES:
            _remove(f"{self._path}{side}")
        _copy(copy, str(self._path))

    async def forget(self, copy: str) -> None:
        _remove(copy)


@dataclass
class PostgresBackups:
    """Databases made after another one. Nobody may be connected, neither when one is taken nor when it is put back."""

    url: str
    admin_url: str
    while_served: bool = False
    _numbers: "count[int]" = field(default_factory=count)

    @property
    def _name(self) -> str:
        return self.url.rpartition("/")[2]

    async def take(self) -> str:
        copy = f"{self._name}_copy{next(self._numbers)}"
        await self._run(f"CREATE DATABASE {copy} TEMPLATE {self._name} STRATEGY=file_copy")
        return copy

    async def put_back(self, copy: str) -> None:
        await self._run(
            f"DROP DATABASE {self._name} WITH (FORCE)",
            f"CREATE DATABASE {self._name} TEMPLATE {copy} STRATEGY=file_copy",
        )

    async def forget(self, copy: str) -> None:
        await self._run(f"DROP DATABASE {copy} WITH (FORCE)")

    async def _run(self, *statements: str) -> None:
        connection = await asyncpg.connect(self.admin_url)
        try:
            for statement in statements:
                await connection.execute(statement)
        finally:
            await connection.close()


Backups = SqliteBackups | PostgresBackups


def _remove(path: str) -> None:
    Path(path).unlink(missing_ok=True)


def _copy(source: str, target: str) -> None:
    old, new = sqlite3.connect(source), sqlite3.connect(target)
    try:
        old.backup(new)
    finally:
        old.close()
        new.close()
