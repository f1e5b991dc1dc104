"""A `Database` on each of the databases, closed at the end: what these tests run commands and queries on."""

import socket
from collections.abc import AsyncIterator, Iterator

import pytest

from chatsvc.db import Database
from chatsvc.db.engines import make_engines
from chatsvc.settings import Settings
from tests.db.running_groups import Running
from tests.support.databases import DatabaseKind


@pytest.fixture
def settings(database_url: str) -> Settings:
    """Impatient, so that what waits too long is seen soon."""
    return Settings(database_url=database_url, lock_timeout_seconds=0.3)


@pytest.fixture
async def db(settings: Settings) -> AsyncIterator[Database]:
    database = Database(make_engines(settings))
    yield database
    await database.close()


@pytest.fixture
def silent() -> Iterator[socket.socket]:
    """A host that takes connections and never says a word."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server


@pytest.fixture
def postgres_database_url(postgresql: DatabaseKind) -> Iterator[str]:
    """For what only Postgres has: deadlocks, replicas, backends that are killed."""
    with postgresql.fresh() as url:
        yield url


@pytest.fixture
async def running() -> Running:
    return Running()
