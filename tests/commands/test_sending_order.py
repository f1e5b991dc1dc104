"""The order of seqs is the order of commits: who sees one message sees all before it."""

import asyncio
import itertools
from dataclasses import dataclass, field

from tests.commands.sending import Talk, item, results
from tests.support.service import Device, Service

SENDERS = 32


@dataclass
class Onlooker:
    """Reads again and again while others write, and keeps every head and prefix that was seen."""

    reader: Device
    conversation_id: str
    seen: list[str] = field(default_factory=list)
    done: bool = False

    async def follow(self) -> None:
        last = False
        while not last:
            last = self.done  # and once more, when all has been answered
            await asyncio.sleep(0.005)
            answer = await self.reader.changes({self.conversation_id: len(self.seen)})
            for news in answer["conversations"].values():
                fresh = [message["seq"] for message in news["messages"]]
                assert fresh == list(range(len(self.seen) + 1, len(self.seen) + 1 + len(fresh)))
                assert news["conversation"]["head_seq"] == news["head_seq"] == len(self.seen) + len(fresh)
                self.seen += [message["id"] for message in news["messages"]]

    async def read_whole(self) -> None:
        last = False
        while not last:
            last = self.done
            await asyncio.sleep(0.005)
            page = await self.reader.history(self.conversation_id)
            assert [message["seq"] for message in page] == list(range(1, len(page) + 1))
            now = [message["id"] for message in page]
            assert now[: len(self.seen)] == self.seen
            self.seen = now


async def test_thirty_two_senders_at_once_and_readers_who_never_see_a_gap(service: Service, talk: Talk) -> None:
    onlookers = [Onlooker(talk.ben, talk.id), Onlooker(talk.ana, talk.id), Onlooker(talk.ben, talk.id)]
    reading = [asyncio.create_task(one.follow()) for one in onlookers[:2]]
    reading.append(asyncio.create_task(onlookers[2].read_whole()))
    moments = itertools.count()
    answered: list[tuple[int, int, int]] = []  # when it began, when it was answered, its seq

    async def send(number: int) -> None:
        sender = (talk.ana, talk.ben)[number % 2]
        for turn in range(2):
            began = next(moments)
            answer = await sender.send(talk.id, f"{number}-{turn}")
            assert answer.status_code == 201, answer.text
            answered.append((began, next(moments), answer.json()["data"]["seq"]))

    await asyncio.gather(*(send(number) for number in range(SENDERS)))
    for one in onlookers:
        one.done = True
    await asyncio.gather(*reading)

    assert sorted(seq for _, _, seq in answered) == list(range(1, 2 * SENDERS + 1))
    for began, _, seq in answered:
        assert all(other < seq for _, ended, other in answered if ended < began)
    whole = [message["id"] for message in await talk.ana.history(talk.id)]
    assert [one.seen for one in onlookers] == [whole] * 3


async def test_a_batch_is_in_its_own_order_in_each_of_many_conversations(service: Service) -> None:
    ana, *others = [await service.newcomer() for _ in range(13)]
    talks = [await ana.open_direct(other) for other in others]
    items = [item(talk, f"{turn}-{at}") for turn in range(8) for at, talk in enumerate(talks)]
    sent = results(await ana.batch(items))
    assert [result["status"] for result in sent] == [201] * 96
    assert [result["message"]["client_message_id"] for result in sent] == [one["client_message_id"] for one in items]
    for at, talk in enumerate(talks):
        assert [message["client_message_id"] for message in await ana.history(talk)] == [f"{n}-{at}" for n in range(8)]
        assert [message["seq"] for message in await ana.history(talk)] == list(range(1, 9))


async def test_batches_at_once_in_one_conversation_are_not_mixed(service: Service, talk: Talk) -> None:
    """A batch takes its seqs under one lock: each is a run without others between."""
    batches = [[item(talk.id, f"{batch}-{at}") for at in range(9)] for batch in range(8)]
    senders = [talk.ana, talk.ben] * 4
    await asyncio.gather(*(sender.batch(batch) for sender, batch in zip(senders, batches, strict=True)))
    keys = [message["client_message_id"] for message in await talk.ana.history(talk.id)]
    runs = [keys[start : start + 9] for start in range(0, 72, 9)]
    assert sorted(runs) == [[one["client_message_id"] for one in batch] for batch in batches]
