"""What goes over the wire, counted by the server: nothing but the work itself."""

from collections.abc import Iterator
from pathlib import Path
from uuid import UUID

import pytest

from chatsvc.settings import Settings
from tests.db.counting import bump, open_counter, opened, value_of
from tests.support.databases import DatabaseKind, postgres_kind
from tests.support.postgres import FAST, PostgresServer, postgres_server


@pytest.fixture(scope="module")
def server() -> Iterator[PostgresServer]:
    """One that writes down every statement."""
    with postgres_server((*FAST, "log_statement=all", "log_line_prefix=%a|")) as running:
        yield running


@pytest.fixture(scope="module")
def kind(server: PostgresServer, worker: str) -> DatabaseKind:
    return postgres_kind(server.url(), worker)


class Wire:
    """The statements that came from the service since the last look, by their first word."""

    def __init__(self, log: Path) -> None:
        self._log = log
        self._seen = len(log.read_text())

    def words(self) -> list[str]:
        text = self._log.read_text()
        new, self._seen = text[self._seen :], len(text)
        ours = (line.removeprefix("chatsvc|LOG:  ") for line in new.splitlines() if line.startswith("chatsvc|LOG:  "))
        statements = (line.partition(":")[2].split() for line in ours if line.startswith(("statement", "execute")))
        return [words[0].rstrip(";") if words else "ping" for words in statements]


@pytest.fixture
async def counter(database_url: str) -> UUID:
    async with opened(Settings(database_url=database_url)) as db:
        return await db.execute(open_counter, None)


@pytest.fixture
def wire(server: PostgresServer, counter: UUID) -> Wire:
    return Wire(server.directory / "log")


async def test_work_on_a_pooled_connection_costs_its_own_statements_alone(
    database_url: str, counter: UUID, wire: Wire
) -> None:
    async with opened(Settings(database_url=database_url)) as db:
        await db.execute(bump, counter)
        await db.read(value_of, counter=counter)
        wire.words()
        await db.execute(bump, counter)
        assert wire.words() == ["BEGIN", "SELECT", "UPDATE", "COMMIT"]
        await db.read(value_of, counter=counter)
        assert wire.words() == ["BEGIN", "SELECT", "ROLLBACK"]


async def test_a_connection_that_was_idle_is_tried_in_one_round_trip(
    database_url: str, counter: UUID, wire: Wire
) -> None:
    async with opened(Settings(database_url=database_url, ping_after_idle_seconds=0)) as db:
        await db.read(value_of, counter=counter)
        assert "ping" not in wire.words()  # it was just made
        await db.read(value_of, counter=counter)
        assert wire.words() == ["ping", "BEGIN", "SELECT", "ROLLBACK"]
