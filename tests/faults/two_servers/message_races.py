"""Messages and conversations asked of two servers at the same moment."""

import asyncio
from collections.abc import Awaitable, Callable

from tests.faults.two_servers.racing import Request, Two, statuses


async def both_open_the_same_conversation(two: Two) -> None:
    ana, ben = await two.person(), await two.person()
    answers = await two.race(
        ("POST", "/v1/conversations/direct", {"other_user_id": ben.id}, ana),
        ("POST", "/v1/conversations/direct", {"other_user_id": ana.id}, ben),
    )
    assert statuses(answers) == [200, 201], answers
    assert answers[0].data == answers[1].data


async def one_key_sent_to_both(two: Two) -> None:
    ana, *_ = await two.acquainted()
    for _ in range(5):
        item = two.item(two.random.choice(ana.conversations))
        body = {name: item[name] for name in ("client_message_id", "content")}
        request = ("POST", f"/v1/conversations/{item['conversation_id']}/messages", body, ana)
        answers = await two.race(request, request)
        assert statuses(answers) == [200, 201], answers
        assert answers[0].data == answers[1].data


async def one_key_with_two_contents(two: Two) -> None:
    ana, *_ = await two.acquainted()
    for _ in range(5):
        items = [two.item(key) for key in two.random.choices(ana.conversations, k=2)]
        items[1]["client_message_id"] = items[0]["client_message_id"]
        requests = [("POST", "/v1/messages/batch", {"messages": [item]}, ana) for item in items]
        answers = await two.race(requests[0], requests[1])
        results = [answer.data["results"][0] for answer in answers]
        assert sorted(result["status"] for result in results) == [201, 409], results


async def batches_in_opposite_order(two: Two) -> None:
    """Each locks the conversations of the others, and several wait while one holds them all."""
    ana, *_ = await two.acquainted()

    def batch(*, back: bool) -> Request:
        items = [two.item(key) for key in ana.conversations * 5]
        return "POST", "/v1/messages/batch", {"messages": items[::-1] if back else items}, ana

    for _ in range(5):
        pairs = [(batch(back=False), batch(back=True)) for _ in range(4)]
        for answers in await asyncio.gather(*(two.race(*pair) for pair in pairs)):
            for answer in answers:
                assert {result["status"] for result in answer.data["results"]} == {201}, answer


async def one_batch_at_both(two: Two) -> None:
    ana, *_ = await two.acquainted()
    for _ in range(5):
        items = [two.item(two.random.choice(ana.conversations)) for _ in range(20)]
        back = two.random.random() < 0.5
        requests = [
            ("POST", "/v1/messages/batch", {"messages": batch}, ana) for batch in (items, items[:: -1 if back else 1])
        ]
        answers = await two.race(requests[0], requests[1])
        one, other = (
            {result["message"]["client_message_id"]: result for result in answer.data["results"]} for answer in answers
        )
        for key, result in one.items():
            assert sorted([result["status"], other[key]["status"]]) == [200, 201]
            assert result["message"] == other[key]["message"]


RACES: list[Callable[[Two], Awaitable[None]]] = [
    both_open_the_same_conversation,
    one_key_sent_to_both,
    one_key_with_two_contents,
    batches_in_opposite_order,
    one_batch_at_both,
]
