"""A URL with several hosts leads to the primary, whichever stands first."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.databases import postgres_kind
from tests.support.replication import Replicated, replicated_postgres
from tests.support.service import running_service, service_settings


@pytest.fixture
def servers() -> Iterator[tuple[Replicated, str]]:
    with replicated_postgres() as both:
        yield both, postgres_kind(both.primary.url(), "hosts").make()


async def test_commands_and_authentication_go_to_the_one_that_is_no_standby(
    servers: tuple[Replicated, str], tmp_path: Path
) -> None:
    both, url = servers
    await both.catch_up()
    name = url.rpartition("/")[2]
    several = f"postgresql://chatsvc@127.0.0.1:{both.standby.port},127.0.0.1:{both.primary.port}/{name}"
    async with running_service(service_settings(several, tmp_path / "data")) as service:
        ana = await service.register()
        assert (await ana.call("GET", "/v1/users/me")).status_code == 200


async def test_a_replica_without_the_newest_tables_is_only_late(
    servers: tuple[Replicated, str], tmp_path: Path
) -> None:
    both, url = servers
    await both.catch_up()
    reading = both.standby.url("postgres")  # a database of the standby's that has no tables of ours at all
    settings = service_settings(url, tmp_path / "data", read_database_url=reading)
    async with running_service(settings) as service:
        ana = await service.register()
        assert (await ana.call("GET", "/v1/sync/bootstrap")).status_code == 200
