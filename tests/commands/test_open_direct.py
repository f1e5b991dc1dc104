"""One conversation for a pair, ever; opening it again is free."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from uuid import UUID, uuid4

import httpx2
import pytest

from tests.commands.signing_in import code
from tests.support.listening import database_errors
from tests.support.service import Device, Service, running_service, service_settings


async def open_with(device: Device, other_id: str) -> httpx2.Response:
    return await device.call("POST", "/v1/conversations/direct", {"other_user_id": other_id})


async def test_opening_makes_a_conversation_and_opening_again_finds_it(service: Service) -> None:
    ana, ben = await service.newcomer(), await service.newcomer()
    made = await open_with(ana, ben.id)
    assert made.status_code == 201
    conversation, now = made.json()["data"], "2026-11-23T12:00:00.000Z"
    assert conversation == {
        "id": conversation["id"],
        "type": "direct",
        "created_at": now,
        "updated_at": now,
        "last_message_preview": None,
        "last_message_at": None,
        "head_seq": 0,
        "members": [
            {"user_id": user_id, "role": "member", "joined_at": now} for user_id in sorted((ana.id, ben.id))
        ],
    }  # fmt: skip
    assert UUID(conversation["id"]).version == 7
    service.clock.advance(minutes=1)
    for device, other in ((ana, ben), (ben, ana)):
        found = await open_with(device, other.id.upper())
        assert (found.status_code, found.json()["data"]) == (200, conversation)


async def test_a_pair_that_presses_at_once_gets_one_conversation(service: Service) -> None:
    writer = service.inside.db.engines.writer
    for _ in range(3):
        ana, ben = await service.newcomer(), await service.newcomer()
        with database_errors(writer) as errors:
            answers = await asyncio.gather(*(open_with(*pair) for pair in [(ana, ben.id), (ben, ana.id)] * 10))
        assert sorted(answer.status_code for answer in answers) == [200] * 19 + [201]
        assert len({answer.text for answer in answers}) == 1
        assert errors == []
        for device in (ana, ben):
            assert len((await device.ok("GET", "/v1/conversations"))["conversations"]) == 1
        conversation_id = answers[0].json()["data"]["id"]
        assert [(await device.send(conversation_id, "one")).status_code for device in (ana, ben)] == [201, 201]


async def test_nobody_writes_to_oneself_or_to_nobody(service: Service) -> None:
    ana = await service.newcomer()
    to_self, to_nobody = await open_with(ana, ana.id), await open_with(ana, str(uuid4()))
    assert (to_self.status_code, code(to_self)) == (400, "cannot_message_self")
    assert (to_nobody.status_code, code(to_nobody)) == (404, "user_not_found")
    assert code(await open_with(ana, "not-a-uuid")) == "invalid_request"
    assert (await ana.ok("GET", "/v1/conversations"))["conversations"] == []


@pytest.fixture(params=["memory", "database"])
async def strict(database_url: str, data_dir: Path, request: pytest.FixtureRequest) -> AsyncIterator[Service]:
    """Two new conversations an hour."""
    settings = service_settings(
        database_url, data_dir, rate_limits="on", limit_open="2/3600", rate_limit_store=request.param
    )
    async with running_service(settings) as running:
        yield running


async def test_only_new_conversations_cost_an_allowance(strict: Service) -> None:
    ana, *others = [await strict.newcomer() for _ in range(5)]
    theirs = await others[3].open_direct(ana)
    for _ in range(4):
        assert (await open_with(ana, others[3].id)).json()["data"]["id"] == theirs
        assert code(await open_with(ana, ana.id)) == "cannot_message_self"
        assert code(await open_with(ana, str(uuid4()))) == "user_not_found"
    assert [(await open_with(ana, other.id)).status_code for other in others[:2]] == [201, 201]
    limited = await open_with(ana, others[2].id)
    assert (code(limited), limited.headers["Retry-After"]) == ("rate_limited", "1800")
    for other, expected in ((others[3].id, "ok"), (ana.id, "cannot_message_self"), (str(uuid4()), "user_not_found")):
        assert code(await open_with(ana, other)) == expected
    strict.clock.advance(minutes=15)
    ana.tokens = (await ana.refresh()).json()["data"]["tokens"]
    assert code(await open_with(ana, others[2].id)) == "rate_limited"
    strict.clock.advance(minutes=14, seconds=59)
    assert code(await open_with(ana, others[2].id)) == "rate_limited"
    strict.clock.advance(seconds=1)
    ana.tokens = (await ana.refresh()).json()["data"]["tokens"]
    assert (await open_with(ana, others[2].id)).status_code == 201
