"""The model refuses what a server must not answer: bootstrap, and every kind of item of `changes`."""

from typing import Any

from tests.model.answers import Answer
from tests.model.examples import ANA, BEN, CLEO, EPOCH, NOON, QUIET, TALK, UNKNOWN, allowed, no, people, refused, yes
from tests.model.state import State
from tests.model.sync import snapshot
from tests.model.talk_operations import Bootstrap, Changes
from tests.model.things import Json, wire


def answer(state: State, items: dict[str, Json], users: tuple[str, ...], *, more: bool = False) -> Answer:
    told = {"sync_epoch": EPOCH, "server_time": wire(NOON), "has_more": more, "conversations": items}
    return yes({**told, "users": [state.users[user].view for user in users]})


def ok(state: State, first: int, last: int, **changes: Any) -> Json:
    talk = state.talks[TALK]
    told = {"status": "ok", "conversation": talk.view, "messages": list(talk.messages[first - 1 : last])}
    return {**told, "next_after_seq": last, "head_seq": talk.head, "has_more": last < talk.head, **changes}


def test_messages_run_on_from_the_cursor() -> None:
    state, op = people(), Changes("ben", ((TALK, 1),), limit=2)
    allowed(state, op, answer(state, {TALK: ok(state, 2, 3)}, (ANA, BEN), more=True))
    wrong = [
        (ok(state, 4, 5), True),  # the newest first
        (ok(state, 2, 3, next_after_seq=5), True),
        (ok(state, 2, 3, has_more=False), True),
        (ok(state, 2, 3), False),
        (ok(state, 2, 4), True),  # more than the limit
        (ok(state, 2, 1), True),
    ]
    for item, more in wrong:
        refused(state, op, answer(state, {TALK: item}, (ANA, BEN), more=more))
    refused(state, op, answer(state, {}, ()), answer(state, {}, (), more=True))


def test_everybody_named_is_told_of_and_nobody_else() -> None:
    state, op = people(), Changes("ben", ((TALK, 1),))
    for users in ((ANA,), (ANA, BEN, CLEO), (ANA, BEN, BEN)):
        refused(state, op, answer(state, {TALK: ok(state, 2, 5)}, users))


def test_who_is_up_to_date_has_nothing_new() -> None:
    state, op = people(), Changes("ben", ((TALK, 5),))
    allowed(state, op, answer(state, {}, ()))
    refused(state, op, answer(state, {}, (), more=True), answer(state, {TALK: ok(state, 5, 5)}, (ANA, BEN)))


def test_what_is_not_ones_own_is_gone() -> None:
    state = people()
    for named in (QUIET, UNKNOWN):
        op = Changes("ben", ((TALK, 5), (named, 0)))
        allowed(state, op, answer(state, {named: {"status": "gone"}}, ()))
        refused(state, op, answer(state, {}, ()))
        refused(state, op, answer(state, {named: {"status": "gone", "conversation": None}}, ()))
        refused(state, op, answer(state, {named: snapshot(state.talks[QUIET], 20, "joined")}, (ANA, CLEO)))


def test_a_conversation_that_is_not_named_has_been_joined() -> None:
    state = people()
    item = snapshot(state.talks[TALK], 2, "joined")
    allowed(state, Changes("ben", (), None, None, 2), answer(state, {TALK: item}, (ANA, BEN)))
    refused(state, Changes("ben", (), None, None, 3), answer(state, {TALK: item}, (ANA, BEN)))
    refused(state, Changes("ben", ()), answer(state, {}, ()))
    allowed(state, Changes("ben", (), joined=False), answer(state, {}, ()))


def test_whoever_is_beyond_the_head_starts_over() -> None:
    state, op = people(), Changes("ben", ((TALK, 6),), messages_per_conversation=2)
    allowed(state, op, answer(state, {TALK: snapshot(state.talks[TALK], 2, "reset")}, (ANA, BEN)))
    refused(state, op, answer(state, {}, ()), answer(state, {TALK: ok(state, 5, 5)}, (ANA, BEN)))


def test_whoever_is_far_behind_is_told_of_the_gap() -> None:
    state, op = people(messages=9), Changes("ben", ((TALK, 0),), messages_per_conversation=2)
    item = snapshot(state.talks[TALK], 2, "limited")
    allowed(state, op, answer(state, {TALK: {**item, "gap": {"from_seq": 1, "to_seq": 7}}}, (ANA, BEN)))
    for wrong in (item, {**item, "gap": {"from_seq": 1, "to_seq": 6}}, ok(state, 1, 9)):
        refused(state, op, answer(state, {TALK: wrong}, (ANA, BEN)))


def test_the_quietest_comes_first_and_nobody_starves() -> None:
    state, op = people(), Changes("ana", ((TALK, 0), (UNKNOWN, 0), (QUIET, 0)), limit=2)
    gone = {UNKNOWN: {"status": "gone"}}
    allowed(state, op, answer(state, {**gone, TALK: ok(state, 1, 1)}, (ANA, BEN), more=True))
    refused(
        state, op, answer(state, {TALK: ok(state, 1, 2)}, (ANA, BEN), more=True), answer(state, gone, (), more=True)
    )


def test_another_history_is_told_at_once() -> None:
    state, op = people(), Changes("ben", ((TALK, 5),), UNKNOWN)
    allowed(state, op, no("sync_epoch_changed", {"sync_epoch": EPOCH}))
    refused(state, op, no("sync_epoch_changed"), answer(state, {}, ()))


def test_a_bootstrap_runs_by_latest_activity() -> None:
    state, op = people(), Bootstrap("ana")
    told: Json = {"sync_epoch": EPOCH, "server_time": wire(NOON), "me": state.users[ANA].view, "next_cursor": None}
    told["users"] = [state.users[user].view for user in (ANA, BEN, CLEO)]
    items = [snapshot(state.talks[talk], 20, "joined") for talk in (TALK, QUIET)]
    allowed(state, op, yes({**told, "conversations": items}))
    refused(state, op, yes({**told, "conversations": items[::-1]}), yes({**told, "conversations": items[:1]}))
    refused(state, op, yes({**told, "conversations": items, "next_cursor": "further"}))
    refused(state, op, yes({**told, "conversations": items, "users": told["users"][:2]}))
    refused(state, op, yes({**told, "conversations": [items[0], {**items[1], "from_seq": 0}]}))
