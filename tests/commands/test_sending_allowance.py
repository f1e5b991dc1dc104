"""What sending costs of an allowance: new messages, and nothing else."""

from collections.abc import AsyncIterator
from pathlib import Path
from uuid import uuid4

import pytest

from tests.commands.sending import Talk, a_talk, item, keys, results, statuses
from tests.faults.injected.injecting import at_statement, defect
from tests.support.service import Service, running_service, service_settings


@pytest.fixture(params=["memory", "database"])
async def service(database_url: str, data_dir: Path, request: pytest.FixtureRequest) -> AsyncIterator[Service]:
    """Five new messages a minute, so one every twelve seconds."""
    settings = service_settings(
        database_url, data_dir, rate_limits="on", limit_send="5/60", rate_limit_store=request.param
    )
    async with running_service(settings) as running:
        yield running


async def test_a_batch_that_runs_out_keeps_the_order(service: Service, talk: Talk) -> None:
    await talk.ana.send(talk.id, "old")
    items = [item(talk.id, f"{at}") for at in range(7)]
    answer = await talk.ana.batch([*items[:6], item(talk.id, "old"), item(talk.id, "0", "x"), items[6]])
    assert statuses(answer) == [201] * 4 + [429, 429, 200, 409, 429]
    assert answer.headers["Retry-After"] == "12"
    assert results(answer)[4]["error"]["code"] == "rate_limited"
    assert await keys(talk.ben, talk.id) == ["old", "0", "1", "2", "3"]

    service.clock.advance(seconds=int(answer.headers["Retry-After"]))
    again = await talk.ana.batch(items)
    assert statuses(again) == [200] * 4 + [201, 429, 429]
    assert again.headers["Retry-After"] == "12"
    assert await keys(talk.ben, talk.id) == ["old", "0", "1", "2", "3", "4"]


async def test_a_replay_costs_nothing_and_is_never_refused(service: Service, talk: Talk) -> None:
    items = [item(talk.id, f"{at}") for at in range(4)]
    assert statuses(await talk.ana.batch(items)) == [201] * 4
    for _ in range(3):
        assert statuses(await talk.ana.batch(items * 5)) == [200] * 20
        assert (await talk.ana.send(talk.id, "0")).status_code == 200
    assert (await talk.ana.send(talk.id, "new")).status_code == 201
    limited = await talk.ana.send(talk.id, "newer")
    assert (limited.status_code, limited.headers["Retry-After"]) == (429, "12")
    replayed = await talk.ana.batch(items)
    assert statuses(replayed) == [200] * 4
    assert "Retry-After" not in replayed.headers
    assert (await talk.ana.send(talk.id, "0")).status_code == 200
    conflict = await talk.ana.send("not-a-uuid", "0")
    assert (conflict.status_code, conflict.json()["error"]["code"]) == (409, "idempotency_conflict")
    assert (await talk.ben.send(talk.id, "his-own")).status_code == 201


async def test_what_was_not_needed_goes_back(service: Service, talk: Talk) -> None:
    foreign = (await a_talk(service)).id
    await talk.ana.send(talk.id, "old")
    useless = [item(foreign, "x"), item(talk.id, "old"), item(talk.id, "old", "x"), {}, item(str(uuid4()), "y")]
    for _ in range(3):
        assert statuses(await talk.ana.batch(useless * 2)) == [404, 200, 409, 422, 404] * 2
        assert (await talk.ana.send(foreign, "x")).status_code == 404
    answer = await talk.ana.batch([*useless, *(item(talk.id, f"{at}") for at in range(5))])
    assert statuses(answer) == [404, 200, 409, 422, 404, 201, 201, 201, 201, 429]
    # Refusals come in their order: a conversation that is not there is a 404 also to whom may send no more.
    assert statuses(await talk.ana.batch(useless)) == [404, 200, 409, 422, 404]


async def test_a_send_that_failed_gives_its_allowance_back(service: Service, talk: Talk) -> None:
    items = [item(talk.id, f"{at}") for at in range(5)]
    # Past the statements of a shared allowance.
    with at_statement(service.inside.db.engines.writer, 3, defect):
        assert (await talk.ana.batch(items)).status_code == 500
    assert statuses(await talk.ana.batch([*items, item(talk.id, "more")])) == [201] * 5 + [429]


async def test_refused_items_leave_their_keys_free(service: Service, talk: Talk) -> None:
    await talk.ana.batch([item(talk.id, f"{at}") for at in range(6)])
    service.clock.advance(seconds=60)
    sent = await talk.ana.batch([item(talk.id, "5", "another text")])
    assert statuses(sent) == [201]
    assert (await talk.ben.history(talk.id))[-1]["content"] == "another text"
