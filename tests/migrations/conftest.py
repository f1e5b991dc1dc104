"""Empty databases, and revisions that exist for one test alone."""

from collections.abc import Callable, Coroutine, Iterator
from pathlib import Path
from typing import Any

import pytest

from chatsvc.db.urls import DatabaseUrl, parse_database_url
from chatsvc.settings import Settings
from tests.support.databases import DatabaseKind
from tests.support.next_revision import migrate_with_next, write_next

MigrateTo = Callable[[str], Coroutine[Any, Any, None]]


@pytest.fixture
def empty(kind: DatabaseKind) -> Iterator[DatabaseUrl]:
    """A database without any table; on SQLite not even a file."""
    with kind.fresh(migrated=False) as url:
        yield parse_database_url(url)


@pytest.fixture
def url(database_url: str) -> DatabaseUrl:
    return parse_database_url(database_url)


@pytest.fixture
def settings() -> Settings:
    return Settings()


@pytest.fixture
def with_revision(tmp_path: Path, url: DatabaseUrl, settings: Settings) -> Callable[..., MigrateTo]:
    """Make a revision `next` on top of the newest; gives what migrates to a named one."""

    def make(upgrade: str, downgrade: str = "pass", *, oldest_code: str | None = None) -> MigrateTo:
        write_next(tmp_path, upgrade, downgrade, oldest_code=oldest_code)
        return lambda revision: migrate_with_next(tmp_path, url, settings, revision)

    return make
