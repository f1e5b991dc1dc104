"""The model refuses what a server must not answer: sending, replays, history, lists."""

import pytest

from tests.model.examples import BEN, QUIET, TALK, UNKNOWN, allowed, message, name, no, people, refused, yes
from tests.model.talk_operations import Batch, History, ListTalks, OpenDirect, Send

NEW = Send("ben", TALK, "new", "hello")
SENT = message(6, client_message_id="new")


def test_a_new_message_takes_the_next_seq() -> None:
    assert allowed(people(), NEW, yes(SENT, 201)).talks[TALK].head == 6
    changes = ({"seq": 7}, {"seq": 5}, {"content": "hello "}, {"sender_id": UNKNOWN}, {"id": name(101)}, {"extra": 1})
    for change in changes:
        refused(people(), NEW, yes({**SENT, **change}, 201))
    refused(people(), NEW, yes(SENT, 200), no("conversation_not_found"))


def test_a_replay_gives_the_first_message() -> None:
    again = Send("ben", TALK, "k2", "hello")
    allowed(people(), again, yes(message(2)))
    refused(people(), again, yes(message(2), 201), yes(message(6, client_message_id="k2"), 201), yes(message(3)))


@pytest.mark.parametrize("op", [Send("ben", TALK, "k2", "other"), Send("ben", UNKNOWN, "k2", "hello")])
def test_the_same_key_for_something_else_is_a_conflict(op: Send) -> None:
    first = {"message_id": message(2)["id"], "conversation_id": TALK, "seq": 2}
    allowed(people(), op, no("idempotency_conflict", first))
    refused(people(), op, yes(message(2)), yes(message(6, "other", client_message_id="k2"), 201))
    refused(people(), op, no("conversation_not_found"), no("idempotency_conflict", {**first, "seq": 3}))


@pytest.mark.parametrize("conversation_id", [QUIET, UNKNOWN, "no-id"])
def test_what_is_not_ones_own_is_as_good_as_none(conversation_id: str) -> None:
    for op in (Send("ben", conversation_id, "new", "x"), History("ben", conversation_id)):
        allowed(people(), op, no("conversation_not_found"))
        refused(people(), op, no("invalid_request"), yes({"messages": [], "has_more": False}))
        refused(people(), op, no("conversation_not_found", {"why": "not a member"}))


def test_the_items_of_a_batch_are_judged_one_by_one() -> None:
    item = {"conversation_id": TALK, "client_message_id": "new", "content": "hello"}
    op = Batch("ben", (item, {}, {**item, "conversation_id": UNKNOWN, "client_message_id": "n2"}, item))
    missing = {"code": "invalid_request", "message": "No.", "details": [{"field": "content", "message": "is required"}]}
    right = [
        {"status": 201, "message": SENT},
        {"status": 422, "error": missing},
        {"status": 404, "error": {"code": "conversation_not_found", "message": "No."}},
        {"status": 200, "message": SENT},
    ]
    assert allowed(people(), op, yes({"results": right})).talks[TALK].head == 6
    for wrong in (right[:3], right[::-1], [*right[:3], right[0]], [right[2], *right[1:]]):
        refused(people(), op, yes({"results": wrong}))
    refused(people(), op, no("invalid_request"))


@pytest.mark.parametrize(
    ("op", "seqs", "more"),
    [
        (History("ana", TALK, limit=2), [1, 2], True),
        (History("ana", TALK, after_seq=3, limit=2), [4, 5], False),
        (History("ana", TALK, after_seq=9), [], False),
        (History("ana", TALK, before_seq=4, limit=2), [2, 3], True),
        (History("ana", TALK, before_seq=3, limit=2), [1, 2], False),
        (History("ana", TALK, before_seq=99, limit=2), [4, 5], True),
        (History("ana", TALK, before_seq=0), [], False),
    ],
)
def test_a_page_of_history_is_exact(op: History, seqs: list[int], *, more: bool) -> None:
    page = [message(seq) for seq in seqs]
    allowed(people(), op, yes({"messages": page, "has_more": more}))
    refused(
        people(),
        op,
        yes({"messages": page, "has_more": not more}),
        yes({"messages": [*page, message(9)], "has_more": more}),
    )
    if page:
        refused(people(), op, yes({"messages": page[1:], "has_more": more}))


def test_the_list_runs_by_latest_activity() -> None:
    state = people()
    newest, oldest = state.talks[TALK].view, state.talks[QUIET].view
    allowed(state, ListTalks("ana"), yes({"conversations": [newest, oldest], "next_cursor": None}))
    refused(state, ListTalks("ana"), yes({"conversations": [oldest, newest], "next_cursor": None}))
    refused(state, ListTalks("ben"), yes({"conversations": [newest, oldest], "next_cursor": None}))
    refused(state, ListTalks("ana", 1), yes({"conversations": [newest], "next_cursor": None}))
    after = allowed(state, ListTalks("ana", 1), yes({"conversations": [newest], "next_cursor": "further"}))
    allowed(after, ListTalks("ana", 1, "further"), yes({"conversations": [oldest], "next_cursor": None}))
    refused(after, ListTalks("ana", 1, "further"), yes({"conversations": [newest], "next_cursor": None}))
    refused(after, ListTalks("ana", 1, "forged"), yes({"conversations": [newest], "next_cursor": None}))


def test_a_pair_has_one_conversation() -> None:
    state = people()
    talk = state.talks[TALK].view
    allowed(state, OpenDirect("ana", BEN), yes(talk))
    refused(state, OpenDirect("ana", BEN), yes(talk, 201), yes({**talk, "id": UNKNOWN}, 201))
    refused(state, OpenDirect("ana", BEN), yes({**talk, "head_seq": 4}), yes({**talk, "last_message_preview": None}))
