"""Databases with something of everything in them, and the commands that move it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from chatsvc.db.bulk import TABLES, open_side
from chatsvc.db.urls import parse_database_url
from tests.support.databases import DatabaseKind
from tests.support.service import running_service, service_settings

Said = tuple[int, str, str]
"""An exit code and what was printed, on both streams."""
_TEXTS = ["hello", "\\N", "a\tb\nc\r\\", "\U0001f600" * 4_000, "e\u0301", "x ", "\x7f"]

MANY_ROWS = {
    "sqlite": (
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {0}) INSERT INTO auth_events "
        "(id, at, event, outcome) SELECT printf('00000000-0000-7000-8000-%012d', i), '2026-11-25T00:00:00.000Z', "
        "'login', 'ok' FROM n"
    ),
    "postgresql": (
        "INSERT INTO auth_events (id, at, event, outcome) "
        "SELECT gen_random_uuid(), now(), 'login', 'ok' FROM generate_series(1, {0})"
    ),
}
"""Statements that make so many rows of the audit log."""


async def fill(url: str, data_dir: Path) -> None:
    """A few people who talk, one of them signed out, with a token that was used twice."""
    async with running_service(service_settings(url, data_dir)) as service:
        ana, ben, cleo = [await service.register() for _ in range(3)]
        for other in (ben, cleo):
            conversation = await ana.open_direct(other)
            for number, text in enumerate(_TEXTS):
                sender = ana if number % 2 else other
                assert (await sender.send(conversation, f"{conversation}-{number}", text)).status_code == 201
        await service.call("POST", "/v1/auth/refresh", {"refresh_token": ben.tokens["refresh_token"]})
        await cleo.call("POST", "/v1/auth/logout", {"refresh_token": cleo.tokens["refresh_token"]})


async def rows_in(url: str) -> dict[str, int]:
    """How many rows each table has."""
    async with open_side(parse_database_url(url)) as side:
        return {table.name: int(str(await side.value(f"SELECT count(*) FROM {table.name}"))) for table in TABLES}


EVERY_DIRECTION = ["sqlite-postgresql", "postgresql-sqlite", "sqlite-sqlite", "postgresql-postgresql"]


@pytest.fixture(params=EVERY_DIRECTION[:2])
def kinds(request: pytest.FixtureRequest, sqlite: DatabaseKind, postgresql: DatabaseKind) -> list[DatabaseKind]:
    """From where to where."""
    known = {"sqlite": sqlite, "postgresql": postgresql}
    return [known[name] for name in request.param.split("-")]


@pytest.fixture
def source(kinds: list[DatabaseKind]) -> Iterator[str]:
    with kinds[0].fresh() as url:
        yield url


@pytest.fixture
def target(kinds: list[DatabaseKind]) -> Iterator[str]:
    """Without a schema yet."""
    with kinds[1].fresh(migrated=False) as url:
        yield url
