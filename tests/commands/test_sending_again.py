"""A key names one message of its sender, for ever: sending it again gives the first one, whatever else is asked."""

from typing import Any
from uuid import uuid4

from tests.commands.sending import Talk, a_talk, item, put_out, results, seqs
from tests.support.service import Service


def conflict(first: dict[str, Any]) -> dict[str, Any]:
    return {"message_id": first["id"], "conversation_id": first["conversation_id"], "seq": first["seq"]}


async def test_sending_twice_returns_the_first_message(service: Service, talk: Talk) -> None:
    first = await talk.ana.send(talk.id, "one", "hi")
    service.clock.advance(seconds=600)
    await talk.ben.send(talk.id, "later")
    again = await talk.ana.send(talk.id, "one", "hi")
    batch = results(await talk.ana.batch([item(talk.id, "one", "hi")]))
    assert (first.status_code, again.status_code) == (201, 200)
    assert again.json() == first.json()
    assert batch == [{"status": 200, "message": first.json()["data"]}]
    assert await seqs(talk.ben, talk.id) == [1, 2]


async def test_a_key_is_the_senders_own_and_is_compared_exactly(service: Service, talk: Talk) -> None:
    names = ["key", "KEY", "Key", "key.", "!", "~" * 64, "k%y", "k_y"]
    for sender in (talk.ana, talk.ben):
        assert [(await sender.send(talk.id, name)).status_code for name in names] == [201] * len(names)
    assert await seqs(talk.ana, talk.id) == list(range(1, 2 * len(names) + 1))


async def test_a_key_with_other_content_is_a_conflict_that_names_the_first(service: Service, talk: Talk) -> None:
    first = (await talk.ana.send(talk.id, "one", "hi")).json()["data"]
    for content in ("Hi", "hi ", "hi\r\n", "h\u0456"):
        answer = await talk.ana.send(talk.id, "one", content)
        assert answer.status_code == 409
        assert answer.json()["error"]["code"] == "idempotency_conflict"
        assert answer.json()["error"]["details"] == conflict(first)
    (result,) = results(await talk.ana.batch([item(talk.id, "one", "HI")]))
    assert (result["status"], result["error"]["details"]) == (409, conflict(first))


async def test_a_key_with_another_conversation_is_a_conflict_and_no_404(service: Service, talk: Talk) -> None:
    first = (await talk.ana.send(talk.id, "one")).json()["data"]
    mine, foreign = await talk.ana.open_direct(await service.newcomer()), (await a_talk(service)).id
    for conversation_id in (mine, foreign, str(uuid4()), "not-a-uuid", "0", "%00"):
        answer = await talk.ana.send(conversation_id, "one")
        assert answer.status_code == 409, conversation_id
        assert answer.json()["error"]["code"] == "idempotency_conflict"
        assert answer.json()["error"]["details"] == conflict(first)
    batch = results(await talk.ana.batch([item(mine, "one"), item(foreign, "one"), item(str(uuid4()), "one")]))
    assert [result["error"]["details"] for result in batch] == [conflict(first)] * 3


async def test_a_replay_is_answered_even_when_its_sender_has_left(service: Service, talk: Talk) -> None:
    first = await talk.ana.send(talk.id, "one")
    await put_out(service, talk.ana, talk.id)
    assert (await talk.ana.send(talk.id, "two")).status_code == 404
    again = await talk.ana.send(talk.id, "one")
    assert (again.status_code, again.json()) == (200, first.json())
    mixed = results(await talk.ana.batch([item(talk.id, "two"), item(talk.id, "one"), item(talk.id, "one", "x")]))
    assert [result["status"] for result in mixed] == [404, 200, 409]


async def test_a_new_key_where_the_sender_is_not_is_a_404_that_tells_nothing(service: Service, talk: Talk) -> None:
    places = [(await a_talk(service)).id, str(uuid4()), "not-a-uuid", "\u00e9"]
    answers = [await talk.ana.send(place, "one") for place in places]
    assert [answer.status_code for answer in answers] == [404] * 4
    assert answers[0].json()["error"]["code"] == "conversation_not_found"
    assert len({answer.text for answer in answers}) == 1
    assert (await talk.ana.send(talk.id, "one")).status_code == 201
