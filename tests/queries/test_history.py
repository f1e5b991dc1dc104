"""The messages of a conversation, forwards and backwards, always ascending."""

from uuid import uuid4

import pytest

from tests.commands.sending import Talk, a_talk
from tests.commands.signing_in import code
from tests.queries.reading import fill
from tests.support.service import Service


@pytest.fixture
async def nine(talk: Talk) -> Talk:
    await fill(talk.ana, talk.id, 9)
    return talk


async def page(talk: Talk, query: str) -> tuple[list[int], bool]:
    answer = await talk.ben.ok("GET", f"/v1/conversations/{talk.id}/messages?{query}")
    assert set(answer) == {"messages", "has_more"}
    return [message["seq"] for message in answer["messages"]], answer["has_more"]


async def test_forwards(nine: Talk) -> None:
    asked = ["", "limit=200", "limit=9", "limit=8", "limit=1", "after_seq=0&limit=3", "after_seq=4&limit=3"]
    told = [await page(nine, query) for query in asked]
    assert told == [
        ([1, 2, 3, 4, 5, 6, 7, 8, 9], False),
        ([1, 2, 3, 4, 5, 6, 7, 8, 9], False),
        ([1, 2, 3, 4, 5, 6, 7, 8, 9], False),
        ([1, 2, 3, 4, 5, 6, 7, 8], True),
        ([1], True),
        ([1, 2, 3], True),
        ([5, 6, 7], True),
    ]
    edges = ["after_seq=6&limit=3", "after_seq=8", "after_seq=9", "after_seq=10", f"after_seq={2**53 - 1}"]
    assert [await page(nine, query) for query in edges] == [
        ([7, 8, 9], False),
        ([9], False),
        ([], False),
        ([], False),
        ([], False),
    ]


async def test_backwards(nine: Talk) -> None:
    asked = ["before_seq=9&limit=3", "before_seq=4&limit=3", "before_seq=4&limit=2", "before_seq=5", "before_seq=2"]
    told = [await page(nine, query) for query in asked]
    assert told == [
        ([6, 7, 8], True),
        ([1, 2, 3], False),
        ([2, 3], True),
        ([1, 2, 3, 4], False),
        ([1], False),
    ]
    edges = ["before_seq=0", "before_seq=1", "before_seq=10&limit=2", "before_seq=11&limit=2"]
    edges += [f"before_seq={2**53 - 1}&limit=9"]
    assert [await page(nine, query) for query in edges] == [
        ([], False),
        ([], False),
        ([8, 9], True),
        ([8, 9], True),
        ([1, 2, 3, 4, 5, 6, 7, 8, 9], False),
    ]


async def test_a_gap_is_filled_going_backwards_page_by_page(nine: Talk) -> None:
    before, got, more = 10, list[int](), True
    while more:
        seqs, more = await page(nine, f"before_seq={before}&limit=4")
        got, before = seqs + got, seqs[0]
    assert got == list(range(1, 10))


async def test_an_empty_conversation_has_empty_pages(talk: Talk) -> None:
    for query in ("", "after_seq=5", "before_seq=0", "before_seq=1", "before_seq=9"):
        assert await page(talk, query) == ([], False)


async def test_fifty_are_a_page_unless_asked_otherwise(talk: Talk) -> None:
    await fill(talk.ana, talk.id, 52)
    assert await page(talk, "") == (list(range(1, 51)), True)
    assert await page(talk, "before_seq=53") == (list(range(3, 53)), True)
    assert await page(talk, "limit=200") == (list(range(1, 53)), False)


async def test_messages_are_what_sending_answered(talk: Talk) -> None:
    sent = [(await talk.ana.send(talk.id, f"{at}")).json()["data"] for at in range(3)]
    assert await talk.ben.history(talk.id) == sent


async def test_one_that_is_not_the_callers_and_none_at_all_look_alike(service: Service, talk: Talk) -> None:
    foreign = await a_talk(service)
    await fill(foreign.ana, foreign.id, 2)
    places = (foreign.id, str(uuid4()), "not-a-uuid", "0" * 36)
    answers = [await talk.ana.call("GET", f"/v1/conversations/{place}/messages?after_seq=1") for place in places]
    assert {(answer.status_code, code(answer)) for answer in answers} == {(404, "conversation_not_found")}
    assert len({answer.text for answer in answers}) == 1


async def test_bounds_are_refused(talk: Talk) -> None:
    bad = [
        "limit=0",
        "limit=201",
        "limit=x",
        "limit=1.0",
        "after_seq=-1",
        f"before_seq={2**53}",
        "after_seq=1&before_seq=5",
    ]
    bad += ["before_seq=", "after_seq=0&before_seq=0", "limit=\u0661"]
    for query in bad:
        answer = await talk.ben.call("GET", f"/v1/conversations/{talk.id}/messages?{query}")
        assert (answer.status_code, code(answer)) == (422, "invalid_request"), query
