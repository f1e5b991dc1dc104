"""Pruning a batch at a time, by several replicas at once."""

import asyncio
from dataclasses import astuple
from datetime import timedelta
from pathlib import Path

from chatsvc.commands.prune import Prune, Pruned, prune
from chatsvc.tables import AuthEvent, RateLimit, RefreshToken, Session
from chatsvc.workers.pruning import prune_all
from tests.commands.holding import Held
from tests.commands.litter import litter, pruned, rows
from tests.support.listening import database_errors
from tests.support.service import Service, running_service, service_settings


async def test_batch_after_batch_takes_all(service: Service) -> None:
    await litter(service)
    first = await pruned(service, batch=5)
    assert first.more
    assert max(first.sessions, first.auth_events, first.rate_limits) == 5
    total = await prune_all(service.inside.db, service.inside.settings)
    assert not total.more
    assert [await rows(service, table) for table in (Session, RefreshToken, AuthEvent, RateLimit)] == [0] * 4


async def test_two_who_prune_at_once_do_not_hinder_each_other(service: Service) -> None:
    await litter(service)
    with database_errors(service.inside.db.engines.writer) as errors:
        sums = [0, 0, 0, 0]
        for _ in range(8):
            done = await asyncio.gather(pruned(service, batch=7), pruned(service, batch=7), pruned(service, batch=7))
            for one in done:
                sums = [old + new for old, new in zip(sums, astuple(one)[:4], strict=True)]
    assert errors == []
    assert sums == [36, 12, 36, 12]  # each row was removed, and counted, once
    assert [await rows(service, table) for table in (Session, RefreshToken, AuthEvent, RateLimit)] == [0] * 4


async def test_rows_that_another_one_is_removing_are_passed_over(postgres_database_url: str, data_dir: Path) -> None:
    """Not waited for. (SQLite has one writer: there everybody waits.)"""
    async with running_service(service_settings(postgres_database_url, data_dir)) as service:
        await litter(service)
        held: Held[Prune, Pruned] = Held(prune)
        first = asyncio.create_task(service.inside.db.execute(held, Prune(timedelta(days=365), batch=4)))
        await held.done.wait()
        async with asyncio.timeout(4):
            second = await pruned(service, batch=4)
        held.go_on.set()
        for one in (await first, second):
            assert (one.sessions, one.auth_events, one.rate_limits) == (4, 4, 4)
        assert [await rows(service, table) for table in (Session, AuthEvent, RateLimit)] == [4, 28, 4]
