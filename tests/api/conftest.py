"""People who talk, and services with limits on."""

import logging
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx2
import pytest
import pytest_asyncio
import structlog

from tests.support.databases import DatabaseKind
from tests.support.service import Device, Service, running_service, service_settings


@pytest.fixture(scope="session", autouse=True)
def short_traces() -> None:
    """A crash that a test provokes would otherwise be shown with the locals of every frame, which takes seconds."""
    console = structlog.dev.ConsoleRenderer(colors=False, exception_formatter=structlog.dev.plain_traceback)
    processors: list[structlog.typing.Processor] = [structlog.processors.add_log_level, console]
    structlog.configure(processors=processors, wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))


@dataclass
class Pair:
    """Two people with a conversation."""

    service: Service
    ana: Device
    ben: Device
    conversation_id: str


async def pair_in(service: Service) -> Pair:
    ana, ben = await service.newcomer("ana.x"), await service.newcomer("ben.x")
    return Pair(service, ana, ben, await ana.open_direct(ben))


@pytest.fixture
async def pair(service: Service) -> Pair:
    """Two people of this test's own."""
    return await pair_in(service)


@pytest.fixture(scope="module")
def shared_database_url(kind: DatabaseKind) -> Iterator[str]:
    with kind.fresh() as url:
        yield url


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def shared_pair(shared_database_url: str, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Pair]:
    """Two people for a whole module, whose tests run on its loop."""
    async with running_service(service_settings(shared_database_url, tmp_path_factory.mktemp("data"))) as service:
        yield await pair_in(service)


Start = Callable[..., AbstractAsyncContextManager[Service]]
WIDE = {f"limit_{name}": "1000/60" for name in ("register", "refresh", "login_address", "login_username", "login")}


@pytest.fixture(params=["memory", "database"])
def start(request: pytest.FixtureRequest, database_url: str, data_dir: Path) -> Start:
    """Starts the service with limits on, in either store; each is wide but for those that are given."""

    @asynccontextmanager
    async def started(**limits: str) -> AsyncIterator[Service]:
        rates = {**WIDE, **{f"limit_{name}": rate for name, rate in limits.items()}}
        store = {"rate_limits": "on", "rate_limit_store": request.param}
        async with running_service(service_settings(database_url, data_dir, **rates, **store)) as service:
            yield service

    return started


def wait_of(answer: httpx2.Response) -> int:
    """The seconds of a 429."""
    assert (answer.status_code, answer.json()["error"]["code"]) == (429, "rate_limited"), answer.text
    seconds = int(answer.headers["retry-after"])
    assert seconds >= 1
    return seconds
