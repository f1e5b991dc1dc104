"""Several workers need Postgres."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.faults.workers.crew import Crew
from tests.support.databases import DatabaseKind
from tests.support.processes import start_server, wait_until_ready


@pytest.fixture(scope="session")
def kind(postgresql: DatabaseKind) -> DatabaseKind:
    """SQLite has one server."""
    return postgresql


@contextmanager
def two_workers(database_url: str, data_dir: Path, **settings: object) -> Iterator[Crew]:
    """A supervisor whose two workers both serve; whatever the test left of them is stopped."""
    defaults: dict[str, object] = {"rate_limits": "off", "log_format": "json", "workers": 2}
    crew = Crew(start_server(data_dir, database_url=database_url, **{**defaults, **settings}))
    try:
        wait_until_ready(crew.server)
        crew.wait_for_workers(2)
        yield crew
    finally:
        crew.server.stop()
