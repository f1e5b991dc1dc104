"""A database of its own for every test: a migrated SQLite file copied, a Postgres template cloned."""

import asyncio
import shutil
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any

import asyncpg

from chatsvc.db import schema
from chatsvc.db.urls import parse_database_url
from chatsvc.settings import Settings


@dataclass
class DatabaseKind:
    """One of the databases under test: makes fresh, migrated ones, and drops them."""

    name: str
    make: Callable[[], str]
    drop: Callable[[str], None]
    make_empty: Callable[[], str]
    _made: list[str] = field(default_factory=list)

    @contextmanager
    def fresh(self, *, migrated: bool = True) -> Iterator[str]:
        """The URL of a database that nobody else sees."""
        url = self.make() if migrated else self.make_empty()
        try:
            yield url
        finally:
            self.drop(url)


def run_once(work: Callable[[], Awaitable[Any]]) -> Any:
    """Run a coroutine on a loop of its own, from where no loop runs."""
    with asyncio.Runner() as runner:

        async def whole() -> Any:
            return await work()

        return runner.run(whole())


def migrated(url: str) -> None:
    run_once(lambda: schema.migrate(parse_database_url(url), Settings()))


def sqlite_kind(directory: Path) -> DatabaseKind:
    numbers = count()
    template = directory / "template.db"
    migrated(f"sqlite:///{template}")

    def place() -> Path:
        return directory / f"test-{next(numbers)}.db"

    def make() -> str:
        path = place()
        shutil.copyfile(template, path)
        return f"sqlite:///{path}"

    def drop(url: str) -> None:
        path = Path(url.removeprefix("sqlite:///"))
        for left in path.parent.glob(path.name + "*"):
            left.unlink()

    return DatabaseKind("sqlite", make, drop, lambda: f"sqlite:///{place()}")


def postgres_kind(server_url: str, worker: str) -> DatabaseKind:
    """`server_url` names a server where databases may be made; `worker` keeps parallel suites apart."""
    numbers = count()
    base = server_url.rpartition("/")[0]
    template = f"chatsvc_template_{worker}"

    def admin(*statements: str) -> None:
        async def run() -> None:
            connection = await asyncpg.connect(server_url)
            try:
                for statement in statements:
                    await connection.execute(statement)
            finally:
                await connection.close()

        run_once(run)

    def create(options: str) -> str:
        name = f"chatsvc_test_{worker}_{next(numbers)}"
        admin(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)", f"CREATE DATABASE {name} {options}")
        return f"{base}/{name}"

    def drop(url: str) -> None:
        admin(f"DROP DATABASE IF EXISTS {url.rpartition('/')[2]} WITH (FORCE)")

    admin(f"DROP DATABASE IF EXISTS {template} WITH (FORCE)", f"CREATE DATABASE {template}")
    migrated(f"{base}/{template}")
    clone = f"TEMPLATE {template} STRATEGY=file_copy"
    return DatabaseKind("postgresql", lambda: create(clone), drop, lambda: create(""))
