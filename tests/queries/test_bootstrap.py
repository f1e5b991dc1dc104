"""Everything to begin with, a consistent page at a time."""

from typing import Any
from uuid import UUID

from tests.commands.sending import Talk
from tests.queries.reading import fill, numbers
from tests.support.listening import statements
from tests.support.service import Device, Service


async def crowd(service: Service, count: int) -> tuple[Device, list[str]]:
    """A reader with conversations, the latest activity last; every third one is empty."""
    reader, *others = [await service.newcomer() for _ in range(count + 1)]
    talks = []
    for at, other in enumerate(others):
        service.clock.advance(seconds=1)
        talks.append(await reader.open_direct(other))
        await fill(other, talks[-1], at % 3)
    return reader, talks


async def test_somebody_new_gets_oneself_and_nothing_else(service: Service) -> None:
    ana = await service.newcomer()
    page = await ana.bootstrap()
    UUID(page.pop("sync_epoch"))
    now = "2026-11-23T12:00:00.000Z"
    assert page == {"server_time": now, "me": ana.user, "users": [ana.user], "conversations": [], "next_cursor": None}


async def test_a_page_holds_snapshots_and_everybody_they_name(service: Service, talk: Talk) -> None:
    await fill(talk.ana, talk.id, 25)
    cleo = await service.newcomer()
    service.clock.advance(seconds=1)
    empty = await cleo.open_direct(talk.ben)
    page = await talk.ben.bootstrap()
    assert page["me"] == talk.ben.user
    assert sorted(page["users"], key=lambda user: user["id"]) == sorted(
        (talk.ana.user, talk.ben.user, cleo.user), key=lambda user: user["id"]
    )
    listed = (await talk.ben.ok("GET", "/v1/conversations"))["conversations"]
    assert [one["id"] for one in listed] == [empty, talk.id]
    history = await talk.ben.history(talk.id)
    assert page["conversations"] == [
        {
            "status": "joined",
            "conversation": conversation,
            "messages": messages,
            "from_seq": from_seq,
            "head_seq": head_seq,
            "has_earlier": from_seq > 1,
        }
        for conversation, messages, from_seq, head_seq in ((listed[0], [], 1, 0), (listed[1], history[5:], 6, 25))
    ]
    assert page["next_cursor"] is None
    for count in (1, 24, 25, 100):
        shown = (await talk.ben.bootstrap(f"?messages_per_conversation={count}"))["conversations"][1]
        assert numbers(shown) == list(range(max(1, 26 - count), 26))
        assert (shown["from_seq"], shown["has_earlier"]) == (max(1, 26 - count), count < 25)


async def test_pages_run_by_latest_activity_and_hold_each_conversation_once(service: Service) -> None:
    reader, talks = await crowd(service, 7)
    whole = await reader.bootstrap()
    assert [item["conversation"]["id"] for item in whole["conversations"]] == talks[::-1]
    for limit in (1, 2, 3, 6, 7, 200):
        items: list[Any] = []
        query, pages = f"?limit={limit}", 0
        while True:
            page = await reader.bootstrap(query)
            pages += 1
            items += page["conversations"]
            named = {member["user_id"] for item in page["conversations"] for member in item["conversation"]["members"]}
            assert {user["id"] for user in page["users"]} == named | {reader.id}
            if page["next_cursor"] is None:
                break
            query = f"?limit={limit}&cursor={page['next_cursor']}"
        assert items == whole["conversations"]
        assert pages == -(-7 // limit)


async def test_activity_at_one_moment_is_ordered_by_id(service: Service) -> None:
    reader, *others = [await service.newcomer() for _ in range(6)]
    talks = sorted([await reader.open_direct(other) for other in others], reverse=True)
    first = await reader.bootstrap("?limit=2")
    second = await reader.bootstrap(f"?limit=200&cursor={first['next_cursor']}")
    assert [item["conversation"]["id"] for item in first["conversations"] + second["conversations"]] == talks


async def test_what_moves_between_two_pages_is_caught_by_the_first_changes(service: Service) -> None:
    reader, talks = await crowd(service, 5)
    first = await reader.bootstrap("?limit=2")
    other = await service.newcomer()
    service.clock.advance(seconds=1)
    await fill(reader, talks[0], 2, name="late")  # it would have come last
    joined = await other.open_direct(reader)
    rest = await reader.bootstrap(f"?limit=200&cursor={first['next_cursor']}")
    held = {item["conversation"]["id"]: item["head_seq"] for item in first["conversations"] + rest["conversations"]}
    assert set(held) == set(talks[1:])
    news = (await reader.changes(held))["conversations"]
    assert {key: (item["status"], item["head_seq"]) for key, item in news.items()} == {
        talks[0]: ("joined", 2),
        joined: ("joined", 0),
    }


async def test_a_page_costs_as_many_statements_whatever_its_size(service: Service) -> None:
    reader, _ = await crowd(service, 9)
    counts = set()
    for limit in (2, 9):
        with statements(service.inside.db.engines.reader) as seen:
            await reader.bootstrap(f"?limit={limit}")
        counts.add(len(seen))
    assert counts == {5}
