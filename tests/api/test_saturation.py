"""How full it is, as an operator sees it: queues, groups, pools."""

import asyncio
from pathlib import Path

import pytest

from chatsvc.db import grouping
from tests.api.conftest import pair_in
from tests.support.scraping import samples_of, scrape, value_of
from tests.support.service import Service, running_service, service_settings

SENDS = 12


async def _seen(service: Service, wanted: int, name: str) -> str:
    """What is scraped as soon as the queue of commands has this value."""
    for _ in range(200):
        full = await scrape(service)
        if value_of(full, name, queue="commands") == wanted:
            return full
        await asyncio.sleep(0.01)
    pytest.fail(full)


async def test_what_waits_for_a_connection_is_seen_and_how_it_ran(
    database_url: str, data_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(grouping, "_HELD_UP_SECONDS", 60)  # on Postgres another group would begin to wait as well
    async with running_service(service_settings(database_url, data_dir, pool_size=1)) as service:
        pair = await pair_in(service)
        async with service.inside.db.engines.writer.connect():
            sending = [asyncio.create_task(pair.ana.send(pair.conversation_id, "k0"))]
            await _seen(service, 1, "chatsvc_group_units_count")  # it runs, and waits for the connection
            sending += [asyncio.create_task(pair.ana.send(pair.conversation_id, f"k{at}")) for at in range(1, SENDS)]
            full = await _seen(service, SENDS - 1, "chatsvc_queue_waiting")
            assert value_of(full, "chatsvc_pool_connections", pool="writer") == 1
            assert value_of(full, "chatsvc_pool_size", pool="writer") == 1
        assert {answer.status_code for answer in await asyncio.gather(*sending)} == {201}
        after = await scrape(service)
    assert value_of(after, "chatsvc_queue_waiting", queue="commands") == 0
    assert value_of(after, "chatsvc_pool_connections", pool="writer") == 0
    groups = {"queue": "commands"}
    assert value_of(after, "chatsvc_group_units_sum", **groups) == SENDS
    assert value_of(after, "chatsvc_group_units_count", **groups) == 2
    held_up_to = [value_of(after, "chatsvc_group_units_bucket", le=f"{2**power}.0", **groups) for power in range(5)]
    assert held_up_to == [1, 1, 1, 1, 2]


async def test_a_pool_with_nothing_left_is_told_apart(
    database_url: str, data_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with running_service(service_settings(database_url, data_dir, pool_size=1)) as service:
        pair = await pair_in(service)
        pool = service.inside.db.engines.writer.pool
        monkeypatch.setattr(pool, "_timeout", 0.01)
        async with service.inside.db.engines.writer.connect():
            assert (await pair.ana.call("PATCH", "/v1/users/me", {"display_name": "x"})).status_code == 503
        text = await scrape(service)
    failures = {"database": "primary"}
    assert value_of(text, "chatsvc_database_failures_total", failure="pool_timeout", **failures) == 1
    assert value_of(text, "chatsvc_database_failures_total", failure="busy", **failures) == 0
    assert value_of(text, "chatsvc_refusals_total", code="try_again") == 1


async def test_a_lag_is_told_only_where_one_is_known(database_url: str, data_dir: Path) -> None:
    async with running_service(service_settings(database_url, data_dir)) as service:
        assert "chatsvc_replica_lag_seconds" not in {sample.name for sample in samples_of(await scrape(service))}
