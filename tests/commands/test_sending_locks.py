"""The order of locks: no deadlock between batches, and nobody locks who may not send."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import httpx2
import pytest

from tests.commands.sending import Held, a_talk, item, let_in, seqs, statuses, unit
from tests.support.listening import database_errors
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


@pytest.mark.parametrize("commits", [True, False])
async def test_one_set_of_keys_in_opposite_orders_does_not_deadlock(service: Service, *, commits: bool) -> None:
    """Keys are written in sorted order: two batches that hold different counters meet at a key that a third one has."""
    ana, *others = [await service.newcomer() for _ in range(4)]
    one, two, three = [await ana.open_direct(other) for other in others]
    held = Held()
    with database_errors(service.inside.db.engines.writer) as errors:
        third = asyncio.create_task(service.inside.db.execute(held, (unit(ana, item(three, "m")),)))
        await held.done.wait()
        batches = [
            asyncio.create_task(ana.batch([item(talk, key) for key in order]))
            for talk, order in ((one, ("a", "m", "z")), (two, ("z", "m", "a")))
        ]
        await asyncio.wait(batches, timeout=0.2)
        held.commits.set_result(commits)
        await asyncio.gather(third, return_exceptions=True)
        told = sorted([statuses(await batch) for batch in batches])
    assert told == ([[201, 409, 201], [409, 409, 409]] if commits else [[201, 201, 201], [409, 409, 409]])
    assert errors == []
