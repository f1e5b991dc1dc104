"""Sends that arrive at once are one transaction, and each is answered as if it had come alone."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx2
import pytest

from chatsvc.commands.send_messages import OutgoingMessage, SendMessages, SentMessage, send_messages
from tests.commands.sending import Talk, a_talk, keys, seqs
from tests.support.listening import listening
from tests.support.service import Device, Service, running_service, service_settings


@pytest.fixture
async def service(database_url: str, data_dir: Path) -> AsyncIterator[Service]:
    """Twelve new messages a minute, and a session is looked at once."""
    settings = service_settings(
        database_url, data_dir, rate_limits="on", limit_send="12/60", limit_open="99/1", session_check_seconds=5
    )
    async with running_service(settings) as running:
        yield running


Send = tuple[Device, str, str, str]
"""Who, where, under which key, what."""


def told(answer: httpx2.Response) -> Any:
    return answer.status_code, answer.headers.get("Retry-After"), answer.json()


async def test_forty_at_once_are_answered_each_for_itself(service: Service) -> None:
    first, second = await a_talk(service), await a_talk(service)
    stranger, spent = await service.newcomer(), await service.newcomer()
    spent_talk = await spent.open_direct(first.ana)
    assert [(await spent.send(spent_talk, f"s{at}")).status_code for at in range(12)] == [201] * 12
    old = await first.ana.send(first.id, "old", "as it was")

    talks = [(first.ana, first), (first.ben, first), (second.ana, second), (second.ben, second)]
    new: list[Send] = [(who, talk.id, f"k{at}", f"text {at}") for at in range(8) for who, talk in talks]
    odd: list[Send] = [
        (first.ana, first.id, "old", "as it was"),
        (first.ana, first.id, "old", "another text"),
        (stranger, first.id, "x", "let me in"),
        (spent, spent_talk, "one-more", "please"),
        (spent, spent_talk, "s3", "hello"),
        (second.ben, "nowhere", "y", "hello"),
    ]
    repeated = new[5:7]
    sends = new[:20] + odd + new[20:] + repeated
    assert len(sends) == 40

    for who in {send[0].id: send[0] for send in sends}.values():
        await who.ok("GET", "/v1/users/me")  # so that no session need be looked at
    commits: list[None] = []
    with listening(service.inside.db.engines.writer, "commit", lambda _: commits.append(None)):
        together = [told(answer) for answer in await asyncio.gather(*(who.send(*send) for who, *send in sends))]
    assert len(commits) <= 4

    assert [status for status, _, _ in together[:20] + together[26:38]] == [201] * 32
    assert [status for status, _, _ in together[20:26]] == [200, 409, 404, 429, 200, 404]
    assert [status for status, _, _ in together[38:]] == [200, 200]
    assert together[20][2] == old.json()
    assert together[23][1] == "5"
    alone = [told(await who.send(*send)) for who, *send in sends]
    assert alone == [(200 if status == 201 else status, *rest) for status, *rest in together]

    for (who, talk_id, key, content), (_, _, body) in zip(new, together[:20] + together[26:38], strict=True):
        message = body["data"]
        assert (message["sender_id"], message["conversation_id"]) == (who.id, talk_id)
        assert (message["client_message_id"], message["content"]) == (key, content)
    assert await seqs(first.ben, first.id) == list(range(1, 18))
    assert await seqs(second.ben, second.id) == list(range(1, 17))
    assert len(set(await keys(first.ben, first.id))) == 9  # each of eight twice, and the old one


async def test_what_a_group_refuses_goes_back_to_its_sender_alone(service: Service, talk: Talk) -> None:
    """Ana spends two of twelve, whatever others do beside her."""
    other = await a_talk(service)
    sends = [talk.ana.send(talk.id, "a"), talk.ana.send(other.id, "b"), talk.ana.send(talk.id, "c")]
    sends += [other.ana.send(other.id, f"{at}") for at in range(12)]
    statuses = [answer.status_code for answer in await asyncio.gather(*sends)]
    assert statuses == [201, 404, 201] + [201] * 12
    assert [(await talk.ana.send(talk.id, f"more-{at}")).status_code for at in range(11)] == [201] * 10 + [429]
    assert (await other.ana.send(other.id, "more")).status_code == 429


async def test_units_of_a_group_take_seqs_in_their_order_and_are_never_split(service: Service, talk: Talk) -> None:
    groups: list[int] = []

    async def noted(tx: Any, units: Any) -> Any:
        groups.append(len(units))
        return await send_messages(tx, units)

    def unit(who: Device, *names: str) -> SendMessages:
        return SendMessages(UUID(who.id), tuple(OutgoingMessage(talk.id, name, name) for name in names))

    units = [unit(talk.ana, "a1", "a2", "a3"), unit(talk.ben, "b1"), unit(talk.ana, "a2", "a4"), unit(talk.ben, "b2")]
    done = await asyncio.gather(*(service.inside.db.execute_together(noted, one) for one in units))
    assert groups == [4]
    assert await keys(talk.ben, talk.id) == ["a1", "a2", "a3", "b1", "a4", "b2"]
    created = [[isinstance(one, SentMessage) and one.created for one in results] for results in done]
    assert created == [[True] * 3, [True], [False, True], [True]]
    assert await seqs(talk.ana, talk.id) == [1, 2, 3, 4, 5, 6]
