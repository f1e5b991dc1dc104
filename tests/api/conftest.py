"""People who talk, in a service that the tests of one module share."""

from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest
import pytest_asyncio

from tests.support.databases import DatabaseKind
from tests.support.service import Device, Service, running_service, service_settings


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


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def shared_pair(kind: DatabaseKind, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Pair]:
    """Two people for a whole module, whose tests run on its loop."""
    with kind.fresh() as url:
        settings = service_settings(url, tmp_path_factory.mktemp("data"))
        async with running_service(settings) as service:
            yield await pair_in(service)
