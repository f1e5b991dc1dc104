"""A batch: a result for each item, in order, and one bad item spoils no other."""

from typing import Any
from uuid import UUID, uuid4

import pytest

from chatsvc.commands.send_messages import SentMessage, send_messages
from chatsvc.errors import ConversationNotFound, IdempotencyConflict, RateLimited
from tests.commands.sending import Talk, a_talk, item, keys, results, seqs, statuses, unit
from tests.support.listening import statements
from tests.support.service import Service


async def test_results_stand_in_the_order_of_the_items(service: Service, talk: Talk) -> None:
    first = (await talk.ana.send(talk.id, "old")).json()["data"]
    foreign = (await a_talk(service)).id
    good = item(talk.id, "z")
    sent = results(
        await talk.ana.batch(
            [
                good,
                item(foreign, "x"),
                item(talk.id, "old"),
                {**good, "content": 7},
                item(talk.id, "old", "other"),
                item(str(uuid4()), "y"),
                item(talk.id, "a"),
                good,
            ]
        )
    )
    assert [result["status"] for result in sent] == [201, 404, 200, 422, 409, 404, 201, 200]
    assert [result["message"]["seq"] for result in sent if "message" in result] == [2, 1, 3, 2]
    assert sent[2]["message"] == first
    assert sent[7]["message"] == sent[0]["message"]
    assert [set(result) for result in sent] == [
        {"status", "message" if at in {0, 2, 6, 7} else "error"} for at in range(8)
    ]
    codes = [result["error"]["code"] for result in sent if "error" in result]
    assert codes == ["conversation_not_found", "invalid_request", "idempotency_conflict", "conversation_not_found"]
    assert "details" not in sent[1]["error"]


@pytest.mark.parametrize("content", [None, "hello"])
async def test_a_malformed_item_gets_its_own_422_and_spoils_nothing(
    service: Service, talk: Talk, content: str | None
) -> None:
    good = item(talk.id, "good")
    bad: list[tuple[Any, set[str]]] = [
        ({**good, "conversation_id": "not-a-uuid"}, {"conversation_id"}),
        ({**good, "client_message_id": "with space"}, {"client_message_id"}),
        ({**good, "client_message_id": "x" * 65}, {"client_message_id"}),
        ({**good, "client_message_id": None, "content": ""}, {"client_message_id", "content"}),
        ({**good, "content": "\t \u2003\n"}, {"content"}),
        ({**good, "content": "\0"}, {"content"}),
        ({**good, "content": "x" * 4_001}, {"content"}),
        ({**good, "seq": 1}, {"seq"}),
        ({}, {"conversation_id", "client_message_id", "content"}),
        (None, set()),
        (["messages"], set()),
        ("text", set()),
        (7.5, set()),
    ]
    mixed = [one for at, (wrong, _) in enumerate(bad) for one in (wrong, item(talk.id, f"{at}"))]
    sent = results(await talk.ana.batch(mixed if content else [wrong for wrong, _ in bad]))
    refused = sent[::2] if content else sent
    for at, (result, (_, fields)) in enumerate(zip(refused, bad, strict=True)):
        prefix = f"messages.{at * 2 if content else at}"
        assert result["status"] == 422
        assert result["error"]["code"] == "invalid_request"
        named = {problem["field"] for problem in result["error"]["details"]}
        assert named == ({f"{prefix}.{field}" for field in fields} or {prefix})
    if content:
        assert [result["status"] for result in sent[1::2]] == [201] * len(bad)
    assert await keys(talk.ben, talk.id) == ([f"{at}" for at in range(len(bad))] if content else [])


async def test_a_body_that_is_no_list_of_1_to_100_is_refused_whole(service: Service, talk: Talk) -> None:
    values: list[Any] = [[], None, {}, "x", 1, [{}] * 101]
    bodies: list[Any] = [{}, [], None, *({"messages": value} for value in values)]
    for body in bodies:
        answer = await talk.ana.call("POST", "/v1/messages/batch", body)
        assert (answer.status_code, answer.json()["error"]["code"]) == (422, "invalid_request")


async def test_a_key_several_times_in_a_batch_is_one_message(service: Service, talk: Talk) -> None:
    foreign = (await a_talk(service)).id
    copies = [
        item(foreign, "one"),
        item(str(uuid4()), "one"),
        {**item(talk.id, "one"), "content": " "},
        item(talk.id, "one"),
        item(talk.id, "one"),
        item(talk.id, "one", "other"),
        item(foreign, "one"),
        item(talk.id, "two"),
    ]
    answer = await talk.ana.batch(copies)
    assert statuses(answer) == [404, 404, 422, 201, 200, 409, 409, 201]
    sent = results(answer)
    assert sent[4]["message"] == sent[3]["message"]
    assert sent[5]["error"]["details"]["message_id"] == sent[6]["error"]["details"]["message_id"]
    assert sent[5]["error"]["details"]["message_id"] == sent[3]["message"]["id"]
    assert await keys(talk.ben, talk.id) == ["one", "two"]
    assert await seqs(talk.ben, talk.id) == [1, 2]


async def test_strangers_items_between_members_take_nothing(service: Service, talk: Talk) -> None:
    """Several senders in one transaction: each gets results of its own, in order of arrival."""
    cleo = await service.newcomer()
    theirs = await cleo.open_direct(talk.ben)
    units = (
        unit(talk.ana, item(talk.id, "1"), item(theirs, "2"), item(talk.id, "3")),
        unit(cleo, item(talk.id, "1"), item(theirs, "1"), item(talk.id, "1", "x")),
        unit(talk.ben, item(theirs, "1"), item(talk.id, "1", "x")),
        unit(talk.ana, item(talk.id, "2"), item(talk.id, "1")),
    )
    done = await service.inside.db.execute(send_messages, units)
    told = [[one.message.seq if isinstance(one, SentMessage) else type(one) for one in results] for results in done]
    missing, conflict = ConversationNotFound, IdempotencyConflict
    assert told == [[1, missing, 2], [missing, 1, conflict], [2, conflict], [3, 1]]
    assert await keys(talk.ben, talk.id) == ["1", "3", "2"]
    assert await seqs(talk.ben, theirs) == [1, 2]


async def test_the_allowance_of_one_sender_is_not_anothers(service: Service, talk: Talk) -> None:
    mine, theirs = unit(talk.ana, item(talk.id, "1"), item(talk.id, "2")), unit(talk.ben, item(talk.id, "1"))
    bounded = type(mine)(mine.sender_id, mine.messages, allowed=1, retry_after=9)
    first, second = await service.inside.db.execute(send_messages, (bounded, theirs))
    assert isinstance(first[1], RateLimited)
    assert first[1].retry_after == 9
    assert [isinstance(one, SentMessage) for one in (first[0], *second)] == [True, True]


async def test_a_hundred_items_cost_as_many_statements_as_one(service: Service) -> None:
    ana, *others = [await service.newcomer() for _ in range(11)]
    talks = [await ana.open_direct(other) for other in others]
    counts = []
    for name, size in (("one", 1), ("many", 100)):
        with statements(service.inside.db.engines.writer) as seen:
            sent = await ana.batch([item(talks[at % 10], f"{name}-{at}") for at in range(size)])
        assert statuses(sent) == [201] * size
        counts.append(len(seen))
    assert counts == [3, 3]
    with statements(service.inside.db.engines.writer) as seen:
        await ana.batch([item(talks[at % 10], f"many-{at}") for at in range(100)])
    assert len(seen) == 2  # nothing new: nothing is written


async def test_ids_in_upper_case_are_the_same_ids(service: Service, talk: Talk) -> None:
    (sent,) = results(await talk.ana.batch([item(talk.id.upper(), "one")]))
    assert (sent["status"], UUID(sent["message"]["conversation_id"])) == (201, UUID(talk.id))
    assert statuses(await talk.ana.batch([item(talk.id, "one")])) == [200]
