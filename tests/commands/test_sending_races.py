"""One key on its way several times at once: one message, and nobody is told anything else."""

import asyncio
from dataclasses import asdict

import pytest

from chatsvc.commands.send_messages import SentMessage
from chatsvc.errors import IdempotencyConflict
from tests.commands.sending import (
    Held,
    Talk,
    UndoneOnPurpose,
    item,
    keys,
    results,
    seqs,
    statuses,
    unit,
)
from tests.support.listening import rollbacks
from tests.support.service import Service


async def test_twenty_copies_at_once_are_one_message(service: Service, talk: Talk) -> None:
    for key in ("one", "two", "three"):
        answers = await asyncio.gather(*(talk.ana.send(talk.id, key) for _ in range(20)))
        assert sorted(answer.status_code for answer in answers) == [200] * 19 + [201]
        assert len({answer.text for answer in answers}) == 1
    assert await keys(talk.ben, talk.id) == ["one", "two", "three"]


async def test_one_key_in_two_conversations_at_once_is_one_message(service: Service, talk: Talk) -> None:
    other = await talk.ana.open_direct(await service.newcomer())
    for turn in range(20):
        here, there = await asyncio.gather(talk.ana.send(talk.id, f"{turn}"), talk.ana.send(other, f"{turn}"))
        won, lost = sorted((here, there), key=lambda answer: answer.status_code)
        assert (won.status_code, lost.status_code) == (201, 409)
        assert lost.json()["error"]["details"]["message_id"] == won.json()["data"]["id"]
    for conversation_id in (talk.id, other):
        found = await seqs(talk.ana, conversation_id)
        assert found == list(range(1, len(found) + 1))
        assert (await talk.ana.send(conversation_id, f"last {conversation_id}"[:20].replace(" ", "-"))).is_success


async def test_one_key_as_the_middle_of_two_batches_at_once(service: Service, talk: Talk) -> None:
    other = await talk.ana.open_direct(await service.newcomer())

    def batch(turn: int, conversation_id: str, name: str) -> list[dict[str, str]]:
        return [item(conversation_id, key) for key in (f"{turn}-a{name}", f"{turn}-middle", f"{turn}-z{name}")]

    for turn in range(10):
        pair = await asyncio.gather(
            talk.ana.batch(batch(turn, talk.id, "here")), talk.ana.batch(batch(turn, other, "there"))
        )
        assert sorted(statuses(answer) for answer in pair) == [[201, 201, 201], [201, 409, 201]]
    found = [await seqs(talk.ana, conversation_id) for conversation_id in (talk.id, other)]
    assert [list(range(1, len(one) + 1)) for one in found] == found
    assert sum(map(len, found)) == 50


@pytest.mark.parametrize("commits", [True, False])
async def test_a_key_that_another_transaction_holds_is_waited_for(
    service: Service, talk: Talk, *, commits: bool
) -> None:
    """As the middle item of a batch, under another conversation's counter: the first one commits, or is undone."""
    db, other = service.inside.db, await talk.ana.open_direct(await service.newcomer())
    held = Held()
    first = asyncio.create_task(db.execute(held, (unit(talk.ana, item(other, "middle")),)))
    await held.done.wait()
    batch = [item(talk.id, "a"), item(talk.id, "middle"), item(talk.id, "z")]
    second = asyncio.create_task(talk.ana.batch(batch))
    await asyncio.wait({second}, timeout=0.15)
    assert not second.done()
    held.commits.set_result(commits)

    (outcome,) = await asyncio.gather(first, return_exceptions=True)
    sent = results(await second)
    if commits:
        assert not isinstance(outcome, BaseException)
        ((message,),) = outcome
        assert isinstance(message, SentMessage)
        assert [result["status"] for result in sent] == [201, 409, 201]
        assert sent[1]["error"]["details"]["message_id"] == str(message.message.id)
        assert await keys(talk.ana, talk.id) == ["a", "z"]
    else:
        assert isinstance(outcome, UndoneOnPurpose)
        assert [result["status"] for result in sent] == [201, 201, 201]
        assert await keys(talk.ana, talk.id) == ["a", "middle", "z"]
    assert await seqs(talk.ana, talk.id) == list(range(1, len(await keys(talk.ana, talk.id)) + 1))
    assert await keys(talk.ana, other) == (["middle"] if commits else [])


async def test_a_copy_that_waits_for_the_first_sees_it(service: Service, talk: Talk) -> None:
    """In the same conversation: the look at what is stored comes after the counter's lock, in a snapshot of its own."""
    db, held = service.inside.db, Held()
    first = asyncio.create_task(db.execute(held, (unit(talk.ana, item(talk.id, "one")),)))
    await held.done.wait()
    with rollbacks(db.engines.writer) as undone:
        again = asyncio.create_task(talk.ana.send(talk.id, "one"))
        other = asyncio.create_task(talk.ana.send(talk.id, "one", "else"))
        await asyncio.wait({again, other}, timeout=0.15)
        held.commits.set_result(True)
        await asyncio.gather(first, again, other)
    assert undone == []  # seen at the first attempt, not after running into the first one
    ((message,),) = await first
    assert isinstance(message, SentMessage)
    assert (await again).json()["data"] == asdict(message.message)
    assert ((await again).status_code, (await other).status_code) == (200, IdempotencyConflict.status)
