"""Many conversations and small answers: bounded, shared evenly, and never without something that moves."""

from typing import Any
from uuid import uuid4

from tests.queries.reading import fill, numbers
from tests.support.service import Device, Service


async def crowd(service: Service, sizes: list[int]) -> tuple[Device, list[str]]:
    """A reader with conversations of these sizes, in the order of their latest activity."""
    reader, *others = [await service.newcomer() for _ in range(len(sizes) + 1)]
    talks = [await reader.open_direct(other) for other in others]
    for other, talk, size in zip(others, talks, sizes, strict=True):
        service.clock.advance(seconds=1)
        await fill(other, talk, size)
    return reader, talks


def costs(answer: dict[str, Any]) -> list[int]:
    return [max(1, len(item.get("messages", []))) for item in answer["conversations"].values()]


async def test_pages_of_any_size_bring_everything_in_order(service: Service) -> None:
    reader, talks = await crowd(service, [3, 0, 11, 5])
    whole = {talk: await reader.history(talk) for talk in talks}
    for limit in (1, 2, 7, 500):
        held = dict.fromkeys(talks, 0) | {str(uuid4()): 4, str(uuid4()): 0}
        got: dict[str, list[dict[str, Any]]] = {talk: [] for talk in talks}
        has_more = True
        for _ in range(40):
            answer = await reader.changes(held, limit=limit)
            before, has_more = dict(held), answer["has_more"]
            assert sum(costs(answer)) <= limit
            for key, item in answer["conversations"].items():
                if item["status"] == "gone":
                    del held[key]
                    continue
                assert numbers(item) == list(range(held[key] + 1, item["next_after_seq"] + 1))
                assert item["has_more"] == (item["next_after_seq"] < item["head_seq"])
                got[key] += item["messages"]
                held[key] = item["next_after_seq"]
            if not has_more:
                break
            assert held != before
        assert not has_more
        assert held == dict(zip(talks, [3, 0, 11, 5], strict=True))
        assert got == whole


async def test_snapshots_are_whole_and_wait_for_an_answer_with_room(service: Service) -> None:
    reader, talks = await crowd(service, [8, 8, 2, 0])
    first = await reader.changes({}, limit=10, messages_per_conversation=5)
    # The empty conversation is the oldest; then 5, and the next 5 do not fit, but the 2 after them do.
    assert {key: len(item["messages"]) for key, item in first["conversations"].items()} == {
        talks[3]: 0,
        talks[0]: 5,
        talks[2]: 2,
    }
    assert first["has_more"]
    held = {key: item["head_seq"] for key, item in first["conversations"].items()}
    second = await reader.changes(held, limit=10, messages_per_conversation=5)
    assert list(second["conversations"]) == [talks[1]]
    assert not second["has_more"]


async def test_the_first_item_is_whole_even_where_it_is_more_than_the_limit(service: Service) -> None:
    reader, talks = await crowd(service, [9, 9])
    answer = await reader.changes({}, limit=1, messages_per_conversation=9)
    assert {key: numbers(item) for key, item in answer["conversations"].items()} == {talks[0]: list(range(1, 10))}
    assert answer["has_more"]


async def test_a_busy_conversation_does_not_starve_the_quiet_ones(service: Service) -> None:
    reader, talks = await crowd(service, [4, 4, 4, 300])
    answer = await reader.changes(dict.fromkeys(talks, 0), limit=40)
    assert {key: len(item["messages"]) for key, item in answer["conversations"].items()} == dict(
        zip(talks, [4, 4, 4, 28], strict=True)
    )
    assert answer["has_more"]
    assert [item["has_more"] for item in answer["conversations"].values()] == [False, False, False, True]


async def test_the_quiet_longest_come_first_and_the_budget_is_shared_evenly(service: Service) -> None:
    reader, talks = await crowd(service, [50, 50, 50, 50])
    answer = await reader.changes(dict.fromkeys(reversed(talks), 0), limit=10)
    assert [(key, len(item["messages"])) for key, item in answer["conversations"].items()] == list(
        zip(talks, [2, 2, 3, 3], strict=True)
    )
    two = await reader.changes(dict.fromkeys(talks, 0), limit=2)
    assert list(two["conversations"]) == talks[:2]


async def test_what_is_gone_costs_one_and_comes_first(service: Service) -> None:
    reader, talks = await crowd(service, [5])
    gone = [str(uuid4()) for _ in range(3)]
    held = dict.fromkeys([*talks, *gone], 0)
    first = await reader.changes(held, limit=2)
    assert [item["status"] for item in first["conversations"].values()] == ["gone", "gone"]
    assert first["has_more"]
    for key in first["conversations"]:
        del held[key]
    second = await reader.changes(held, limit=2)
    assert [item["status"] for item in second["conversations"].values()] == ["gone", "ok"]
    assert costs(second) == [1, 1]


async def test_without_limits_an_answer_holds_two_hundred(service: Service) -> None:
    reader, talks = await crowd(service, [250])
    item = (await reader.changes({talks[0]: 0}))["conversations"][talks[0]]
    assert (len(item["messages"]), item["has_more"]) == (200, True)
    assert len((await reader.changes({talks[0]: 0}, limit=500))["conversations"][talks[0]]["messages"]) == 250
