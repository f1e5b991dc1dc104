"""Polls that arrive at once are answered in one snapshot, and each as if it had come alone."""

import asyncio
import json
from typing import Any
from urllib.parse import quote
from uuid import uuid4

import httpx2

from tests.commands.sending import Talk, a_talk
from tests.queries.reading import fill
from tests.support.listening import statements
from tests.support.service import Device, Service

Poll = tuple[Device, dict[str, Any], bool]
"""Who, the body, whether by GET."""


async def ask(poll: Poll) -> httpx2.Response:
    reader, body, by_get = poll
    if not by_get:
        return await reader.call("POST", "/v1/sync/changes", body)
    held = json.dumps(body["after_seq_by_conversation"])
    others = "".join(f"&{key}={json.dumps(value)}" for key, value in body.items() if isinstance(value, (int, bool)))
    epoch = f"&sync_epoch={body['sync_epoch']}" if "sync_epoch" in body else ""
    return await reader.call("GET", f"/v1/sync/changes?after_seq_by_conversation={quote(held)}{others}{epoch}")


def told(answer: httpx2.Response) -> Any:
    body = answer.json()
    if answer.is_success:
        del body["data"]["server_time"]
    return answer.status_code, body


def holding(**options: Any) -> dict[str, Any]:
    return {"after_seq_by_conversation": options.pop("held"), **options}


async def test_every_poll_is_answered_as_if_it_had_come_alone(service: Service, talk: Talk) -> None:
    other, cleo = await a_talk(service), await service.newcomer()
    shared = await talk.ana.open_direct(cleo)
    await fill(talk.ana, talk.id, 30)
    await fill(other.ben, other.id, 5)
    await fill(cleo, shared, 3)
    epoch = (await talk.ana.bootstrap())["sync_epoch"]
    nobodys, wrong = str(uuid4()), str(uuid4())
    bodies = [
        (talk.ana, holding(held={talk.id: 0, shared: 0})),
        (talk.ana, holding(held={talk.id: 0, shared: 0}, limit=7)),
        (talk.ana, holding(held={talk.id: 30, shared: 3}, sync_epoch=epoch)),
        (talk.ana, holding(held={talk.id: 30}, joined=False)),
        (talk.ana, holding(held={talk.id.upper(): 28, shared.upper(): 3})),
        (talk.ben, holding(held={})),
        (talk.ben, holding(held={}, messages_per_conversation=2)),
        (talk.ben, holding(held={talk.id: 0}, sync_epoch=wrong)),
        (talk.ben, holding(held={talk.id: 99})),
        (other.ana, holding(held={other.id: 2, talk.id: 2})),
        (other.ben, holding(held={other.id: 5, nobodys: 1})),
        (cleo, holding(held={shared: 1}, sync_epoch=epoch, limit=1)),
        (await service.newcomer(), holding(held={})),
    ]
    polls = [(who, body, by_get) for who, body in bodies for by_get in (False, True)]
    together = [told(answer) for answer in await asyncio.gather(*map(ask, polls))]
    alone = [told(await ask(poll)) for poll in polls]
    for poll, at_once, by_itself in zip(polls, together, alone, strict=True):
        assert at_once == by_itself, poll[1:]
    assert together[::2] == together[1::2]
    assert [at for at, (status, _) in enumerate(together[::2]) if status != 200] == [7]

    def status_of(at: int) -> dict[str, str]:
        return {key: item["status"] for key, item in together[2 * at][1]["data"]["conversations"].items()}

    assert status_of(2) == status_of(3) == status_of(12) == {}
    assert status_of(4) == {talk.id: "ok"}
    assert status_of(5) == {talk.id: "joined"}
    assert status_of(8) == {talk.id: "reset"}
    assert status_of(9) == {other.id: "ok", talk.id: "gone"}
    assert status_of(10) == {nobodys: "gone"}
    assert together[14][1]["error"]["code"] == "sync_epoch_changed"


async def test_many_polls_at_once_are_few_statements(service: Service, talk: Talk) -> None:
    await fill(talk.ana, talk.id, 3)
    polls: list[Poll] = [(talk.ben, holding(held={talk.id: after % 4}), False) for after in range(30)]
    with statements(service.inside.db.engines.reader) as seen:
        answers = await asyncio.gather(*map(ask, polls))
    assert [len(_messages(answer, talk.id)) for answer in answers] == [3 - after % 4 for after in range(30)]
    sessions = len(polls)
    assert len(seen) - sessions <= 20


async def test_a_malformed_poll_spoils_no_other(service: Service, talk: Talk) -> None:
    polls: list[Poll] = [(talk.ben, holding(held=held), False) for held in ({talk.id: 0}, {"x": 0}, {talk.id: -1})]
    polls += [(talk.ben, holding(held={talk.id: 0, talk.id.upper(): 0}), False), (talk.ana, holding(held={}), True)]
    answers = await asyncio.gather(*map(ask, polls))
    assert [answer.status_code for answer in answers] == [200, 422, 422, 422, 200]


def _messages(answer: httpx2.Response, conversation_id: str) -> list[Any]:
    assert answer.status_code == 200
    item = answer.json()["data"]["conversations"].get(conversation_id)
    return item["messages"] if item else []
