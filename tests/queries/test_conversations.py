"""One's conversations, newest activity first."""

from tests.commands.sending import Talk
from tests.queries.reading import fill
from tests.support.listening import statements
from tests.support.service import Device, Service


async def listed(device: Device, limit: int) -> list[str]:
    """All of them, page by page."""
    found: list[str] = []
    cursor = ""
    while True:
        page = await device.ok("GET", f"/v1/conversations?limit={limit}{cursor}")
        assert len(page["conversations"]) <= limit
        found += [one["id"] for one in page["conversations"]]
        if page["next_cursor"] is None:
            return found
        assert len(page["conversations"]) == limit
        cursor = f"&cursor={page['next_cursor']}"


async def test_newest_activity_comes_first_on_pages_of_any_size(service: Service) -> None:
    ana, *others = [await service.newcomer() for _ in range(7)]
    talks = []
    for other in others:
        service.clock.advance(milliseconds=1)
        talks.append(await ana.open_direct(other))
    for limit in (1, 2, 3, 6, 200):
        assert await listed(ana, limit) == talks[::-1]
    for at in (2, 0):
        service.clock.advance(milliseconds=1)
        await fill(others[at], talks[at], 1)
    order = [talks[0], talks[2], talks[5], talks[4], talks[3], talks[1]]
    for limit in (1, 4, 6):
        assert await listed(ana, limit) == order


async def test_ties_are_ordered_by_id(service: Service) -> None:
    ana, *others = [await service.newcomer() for _ in range(6)]
    talks = sorted([await ana.open_direct(other) for other in others], reverse=True)
    for limit in (1, 2, 5):
        assert await listed(ana, limit) == talks


async def test_each_side_sees_the_same_conversation(service: Service, talk: Talk) -> None:
    await fill(talk.ana, talk.id, 3)
    (mine,) = (await talk.ana.ok("GET", "/v1/conversations"))["conversations"]
    (theirs,) = (await talk.ben.ok("GET", "/v1/conversations"))["conversations"]
    assert mine == theirs
    assert set(mine) == {
        "id", "type", "created_at", "updated_at", "last_message_preview", "last_message_at", "head_seq", "members",
    }  # fmt: skip
    assert [member["user_id"] for member in mine["members"]] == sorted((talk.ana.id, talk.ben.id))
    assert (await (await service.newcomer()).ok("GET", "/v1/conversations")) == {
        "conversations": [],
        "next_cursor": None,
    }


async def test_a_page_costs_as_many_statements_whatever_its_size(service: Service) -> None:
    ana, *others = [await service.newcomer() for _ in range(7)]
    for other in others:
        await ana.open_direct(other)
    counts = set()
    for limit in (1, 6):
        with statements(service.inside.db.engines.reader) as seen:
            await ana.ok("GET", f"/v1/conversations?limit={limit}")
        counts.add(len(seen))
    assert counts == {3}
