"""What the tests of commands start from."""

import logging
from collections.abc import Iterator

import pytest
import structlog
from hypothesis import settings

from tests.commands.sending import Talk, a_talk
from tests.support.databases import DatabaseKind
from tests.support.service import Service

settings.register_profile("patient", deadline=None)  # the machine may be busy with other tests
settings.load_profile("patient")


@pytest.fixture(autouse=True)
def plain_logs() -> Iterator[None]:
    """The default shows the locals of every frame of a crash, and takes seconds for that."""
    structlog.configure(
        processors=[structlog.processors.format_exc_info, structlog.processors.KeyValueRenderer()],
        wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR),
    )
    yield
    structlog.reset_defaults()


@pytest.fixture
async def talk(service: Service) -> Talk:
    return await a_talk(service)


@pytest.fixture
def postgres_database_url(postgresql: DatabaseKind) -> Iterator[str]:
    """For what only Postgres has: locks of rows."""
    with postgresql.fresh() as url:
        yield url
