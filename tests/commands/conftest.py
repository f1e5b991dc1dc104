"""What the tests of commands start from."""

from collections.abc import Iterator

import pytest
from hypothesis import settings

from tests.commands.sending import Talk, a_talk
from tests.support.databases import DatabaseKind
from tests.support.service import Service

settings.register_profile("patient", deadline=None)  # the machine may be busy with other tests
settings.load_profile("patient")


@pytest.fixture
async def talk(service: Service) -> Talk:
    return await a_talk(service)


@pytest.fixture
def postgres_database_url(postgresql: DatabaseKind) -> Iterator[str]:
    """For what only Postgres has: locks of rows."""
    with postgresql.fresh() as url:
        yield url
