"""What is new since the client's cursors: one item a conversation, with a verdict."""

from uuid import uuid4

from tests.commands.sending import Talk, a_talk, put_out
from tests.queries.reading import fill, numbers, one_item
from tests.support.listening import statements
from tests.support.service import Service


async def test_nothing_new_is_said_in_one_statement(service: Service, talk: Talk) -> None:
    await fill(talk.ana, talk.id, 3)
    with statements(service.inside.db.engines.reader) as seen:
        answer = await talk.ben.changes({talk.id: 3}, sync_epoch=(await talk.ben.bootstrap())["sync_epoch"])
    bootstrap, auth = 4, 2
    assert len(seen) == bootstrap + auth + 1
    assert (answer["conversations"], answer["users"], answer["has_more"]) == ({}, [], False)
    assert answer["server_time"] == "2026-11-23T12:00:00.000Z"


async def test_however_much_is_new_it_is_read_in_four_statements(service: Service) -> None:
    ana, *others = [await service.newcomer() for _ in range(8)]
    talks = [await ana.open_direct(other) for other in others]
    for at, talk in enumerate(talks):
        await fill(ana, talk, 10 * at)
    held = dict.fromkeys(talks[:4], 0) | {talks[4]: 99} | {str(uuid4()): 0 for _ in range(5)}
    with statements(service.inside.db.engines.reader) as seen:
        answer = await ana.changes(held, limit=500)
    assert len(seen) == 1 + 4  # and one to see that the session lives
    told = [item["status"] for item in answer["conversations"].values()]
    assert sorted(told) == ["gone"] * 5 + ["joined"] * 2 + ["ok"] * 3 + ["reset"]


async def test_messages_after_the_cursor_are_ok(service: Service, talk: Talk) -> None:
    await fill(talk.ana, talk.id, 5)
    item = await one_item(talk.ben, talk.id, 2)
    (conversation,) = (await talk.ben.ok("GET", "/v1/conversations"))["conversations"]
    assert item == {
        "status": "ok",
        "conversation": conversation,
        "messages": (await talk.ben.history(talk.id))[2:],
        "next_after_seq": 5,
        "head_seq": 5,
        "has_more": False,
    }


async def test_a_conversation_that_is_not_named_is_joined(service: Service, talk: Talk) -> None:
    await fill(talk.ana, talk.id, 25)
    answer = await talk.ben.changes({})
    (conversation,) = (await talk.ben.ok("GET", "/v1/conversations"))["conversations"]
    assert answer["conversations"] == {
        talk.id: {
            "status": "joined",
            "conversation": conversation,
            "messages": (await talk.ben.history(talk.id))[5:],
            "from_seq": 6,
            "head_seq": 25,
            "has_earlier": True,
        }
    }
    shorter = (await talk.ben.changes({}, messages_per_conversation=3))["conversations"][talk.id]
    assert (numbers(shorter), shorter["from_seq"], shorter["has_earlier"]) == ([23, 24, 25], 23, True)
    whole = (await talk.ben.changes({}, messages_per_conversation=25))["conversations"][talk.id]
    assert (numbers(whole), whole["from_seq"], whole["has_earlier"]) == (list(range(1, 26)), 1, False)


async def test_an_empty_conversation_is_joined_and_then_has_nothing_new(service: Service, talk: Talk) -> None:
    item = (await talk.ben.changes({}))["conversations"][talk.id]
    assert item.pop("conversation")["head_seq"] == 0
    assert item == {"status": "joined", "messages": [], "from_seq": 1, "head_seq": 0, "has_earlier": False}
    assert (await talk.ben.changes({talk.id: 0}))["conversations"] == {}


async def test_a_thousand_waiting_are_handed_over_and_one_more_is_limited(service: Service, talk: Talk) -> None:
    await fill(talk.ana, talk.id, 1_001)
    item = (await talk.ben.changes({talk.id: 1}, limit=500))["conversations"][talk.id]
    assert (item["status"], numbers(item), item["has_more"]) == ("ok", list(range(2, 502)), True)
    item = await one_item(talk.ben, talk.id, 501, limit=500)
    assert (numbers(item), item["has_more"], item["next_after_seq"]) == (list(range(502, 1_002)), False, 1_001)

    item = await one_item(talk.ben, talk.id, 0)
    assert item.pop("conversation")["head_seq"] == 1_001
    assert numbers(item) == list(range(982, 1_002))
    del item["messages"]
    assert item == {
        "status": "limited",
        "from_seq": 982,
        "head_seq": 1_001,
        "has_earlier": True,
        "gap": {"from_seq": 1, "to_seq": 981},
    }
    item = await one_item(talk.ben, talk.id, 0, limit=1, messages_per_conversation=100)
    assert (numbers(item), item["gap"]) == (list(range(902, 1_002)), {"from_seq": 1, "to_seq": 901})


async def test_a_cursor_beyond_the_head_is_reset(service: Service, talk: Talk) -> None:
    item = await one_item(talk.ben, talk.id, 1)
    assert (item["status"], item["messages"], item["from_seq"], item["head_seq"]) == ("reset", [], 1, 0)
    await fill(talk.ana, talk.id, 3)
    for after_seq in (4, 2**53 - 1):
        item = await one_item(talk.ben, talk.id, after_seq, messages_per_conversation=2)
        assert item.pop("conversation")["head_seq"] == 3
        assert numbers(item) == [2, 3]
        del item["messages"]
        assert item == {"status": "reset", "from_seq": 2, "head_seq": 3, "has_earlier": True}
    assert (await talk.ben.changes({talk.id: 3}))["conversations"] == {}


async def test_what_is_not_the_callers_is_gone_and_nothing_else_is_said(service: Service, talk: Talk) -> None:
    foreign, left, never = await a_talk(service), await talk.ben.open_direct(await service.newcomer()), str(uuid4())
    await fill(foreign.ana, foreign.id, 3)
    await put_out(service, talk.ben, left)
    named = [foreign.id, left, never, talk.ana.id]
    answer = await talk.ben.changes({talk.id: 0} | dict.fromkeys(named, 2))
    assert answer["conversations"] == {key: {"status": "gone"} for key in named}
    assert (answer["users"], answer["has_more"]) == ([], False)


async def test_with_joined_false_only_what_is_named_is_looked_at(service: Service, talk: Talk) -> None:
    other = await talk.ben.open_direct(await service.newcomer())
    await fill(talk.ana, talk.id, 3)
    gone = str(uuid4())
    answer = await talk.ben.changes({talk.id: 1, gone: 7}, joined=False)
    assert {key: item["status"] for key, item in answer["conversations"].items()} == {talk.id: "ok", gone: "gone"}
    assert (await talk.ben.changes({}, joined=False))["conversations"] == {}
    whole = await talk.ben.changes({talk.id: 1}, joined=None)
    assert {key: item["status"] for key, item in whole["conversations"].items()} == {talk.id: "ok", other: "joined"}


async def test_users_are_all_members_of_what_is_told_as_they_are_now(service: Service, talk: Talk) -> None:
    cleo = await service.newcomer()
    await cleo.open_direct(talk.ben)
    quiet = await talk.ben.open_direct(await service.newcomer())
    await fill(talk.ana, talk.id, 1)
    await talk.ana.ok("PATCH", "/v1/users/me", {"display_name": "Another Ana"})
    answer = await talk.ben.changes({talk.id: 0, quiet: 0})
    told = {user["id"]: user for user in answer["users"]}
    assert len(told) == len(answer["users"])
    assert set(told) == {talk.ana.id, talk.ben.id, cleo.id}
    assert told[talk.ana.id]["display_name"] == "Another Ana"
    assert told[cleo.id] == cleo.user
