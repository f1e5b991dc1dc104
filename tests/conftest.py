"""The databases of the suite: one fixture, so that every test that touches data runs on both."""

import os
from collections.abc import AsyncIterator, Iterator
from functools import cache
from pathlib import Path

import pytest

from chatsvc.logs import configure_logs
from chatsvc.security import passwords
from chatsvc.settings import Settings
from tests.support.databases import DatabaseKind, postgres_kind, sqlite_kind
from tests.support.postgres import postgres_server
from tests.support.processes import start_quickly
from tests.support.service import Service, running_service, service_settings

pytest_plugins = ["tests.support.proof"]
KINDS = ("sqlite", "postgresql")
_LOGGED = Settings(log_format="json", log_level="error")  # once: it takes longer than many a test


@pytest.fixture(autouse=True)
def _quick_processes() -> None:
    """Before each test: after one that is not measured the coverage begins anew, and says so to its children."""
    start_quickly()


@pytest.fixture(autouse=True)
def _quiet_logs() -> None:
    """As the service logs: structlog's own default shows the locals of every frame, and takes seconds for that.

    Before each test, because those of the logs themselves change it.
    """
    configure_logs(_LOGGED)


@pytest.fixture(autouse=True)
def _cheap_hashes(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """A password costs next to nothing in this process, but for the tests of that cost: they are marked."""
    if request.node.get_closest_marker("real_hashes") is None:
        monkeypatch.setattr(passwords, "_hasher", passwords._hasher.using(time_cost=1, memory_cost=8))
        monkeypatch.setattr(passwords, "_dummy_hash", _cheap_dummy_hash)


@cache
def _cheap_dummy_hash() -> str:
    return passwords.hash_password("-")


@pytest.fixture(scope="session")
def worker() -> str:
    return os.environ.get("PYTEST_XDIST_WORKER", "gw0")


@pytest.fixture(scope="session")
def sqlite(tmp_path_factory: pytest.TempPathFactory) -> DatabaseKind:
    return sqlite_kind(tmp_path_factory.mktemp("sqlite"))


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """CHATSVC_TEST_POSTGRES_URL, or a server that is started here. One that does not answer fails the tests."""
    if given := os.environ.get("CHATSVC_TEST_POSTGRES_URL"):
        yield given
        return
    with postgres_server() as server:
        yield server.url()


@pytest.fixture(scope="session")
def postgresql(postgres_url: str, worker: str) -> DatabaseKind:
    return postgres_kind(postgres_url, worker)


@pytest.fixture(scope="session", params=KINDS)
def kind(request: pytest.FixtureRequest) -> DatabaseKind:
    """Each of the databases in turn."""
    found: DatabaseKind = request.getfixturevalue(request.param)
    return found


@pytest.fixture
def database_url(kind: DatabaseKind) -> Iterator[str]:
    """A migrated database of this test's own."""
    with kind.fresh() as url:
        yield url


@pytest.fixture
def data_dir(tmp_path: Path) -> Path:
    return tmp_path / "data"


@pytest.fixture
async def service(database_url: str, data_dir: Path) -> AsyncIterator[Service]:
    """The application on a database of this test's own."""
    async with running_service(service_settings(database_url, data_dir)) as running:
        yield running
