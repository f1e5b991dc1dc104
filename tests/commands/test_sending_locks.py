"""The order of locks: no deadlock between batches, and nobody locks who may not send."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import httpx2
import pytest

from tests.commands.listening import database_errors
from tests.commands.sending import Held, Talk, a_talk, item, let_in, seqs, statuses, unit
from tests.support.service import Device, Service, running_service, service_settings


@pytest.fixture
async def on_postgres(postgres_database_url: str, data_dir: Path) -> AsyncIterator[Service]:
    """SQLite has one writer: there everybody waits."""
    async with running_service(service_settings(postgres_database_url, data_dir)) as running:
        yield running


async def test_a_stranger_is_refused_without_waiting_for_anybody(on_postgres: Service) -> None:
    talk, held = await a_talk(on_postgres), Held()
    first = asyncio.create_task(on_postgres.inside.db.execute(held, (unit(talk.ana, item(talk.id, "one")),)))
    await held.done.wait()
    stranger = await on_postgres.newcomer()
    async with asyncio.timeout(4):
        assert (await stranger.send(talk.id, "one")).status_code == 404
    held.commits.set_result(True)
    await first


async def test_crosswise_batches_over_the_same_conversations_do_not_deadlock(service: Service) -> None:
    """Counters are locked in the order of their ids, whatever the order of the items."""
    ana, cleo, *others = [await service.newcomer() for _ in range(8)]
    talks = [await ana.open_direct(other) for other in others]
    for talk in talks:
        await let_in(service, cleo, talk)

    async def sent(user: Device, name: str, order: list[str]) -> httpx2.Response:
        return await user.batch([item(talk, f"{name}-{at}") for at, talk in enumerate(order)])

    with database_errors(service.inside.db.engines.writer) as errors:
        for turn in range(6):
            pairs = [(user, f"{turn}-{n}", talks[::way]) for n in range(3) for user, way in ((ana, 1), (cleo, -1))]
            answers = await asyncio.gather(*(sent(*pair) for pair in pairs))
            assert [statuses(answer) for answer in answers] == [[201] * 6] * 6
    assert errors == []
    for talk in talks:
        assert await seqs(ana, talk) == list(range(1, 37))


async def test_one_set_of_keys_in_opposite_order_in_two_conversations_does_not_deadlock(
    service: Service, talk: Talk
) -> None:
    """Keys are written in sorted order: two transactions that hold different counters meet at them."""
    other = await talk.ana.open_direct(await service.newcomer())
    with database_errors(service.inside.db.engines.writer) as errors:
        for turn in range(6):
            names = [f"{turn}-{at:02}" for at in range(40)]
            pair = await asyncio.gather(
                talk.ana.batch([item(talk.id, name) for name in names]),
                talk.ana.batch([item(other, name) for name in reversed(names)]),
            )
            assert sorted(statuses(answer) for answer in pair) == [[201] * 40, [409] * 40]
    assert errors == []
