"""Requests at once: some order must explain their answers, and where several do, all that they lead to is kept."""

import pytest

from tests.model.answers import Answer, NotAllowed
from tests.model.calls import Operation
from tests.model.contract import accept
from tests.model.examples import ANA, BEN, CLEO, PASSWORD, QUIET, TALK, message, name, no, people, tokens, yes
from tests.model.operations import ChangePassword, LogIn, LogOut, Me, Refresh, Rename
from tests.model.orders import explain
from tests.model.talk_operations import History, OpenDirect, Send


def nobody_explains(*events: tuple[Operation, Answer]) -> None:
    with pytest.raises(NotAllowed):
        explain([people()], events)


def test_the_order_is_found_that_the_seqs_tell() -> None:
    events = [
        (Send("ben", TALK, f"new{seq}", "hello"), yes(message(seq, client_message_id=f"new{seq}"), 201))
        for seq in (8, 6, 7)
    ]
    found = explain([people()], events)
    assert found.contested
    assert [state.talks[TALK].head for state in found.states] == [8]


def test_two_messages_do_not_share_a_seq() -> None:
    one, other = message(6, client_message_id="x"), message(6, client_message_id="y", id=name(500))
    nobody_explains(
        (Send("ben", TALK, "x", "hello"), yes(one, 201)), (Send("ben", TALK, "y", "hello"), yes(other, 201))
    )


def test_of_two_copies_one_is_the_first() -> None:
    op, sent = Send("ben", TALK, "x", "hello"), message(6, client_message_id="x")
    assert explain([people()], [(op, yes(sent)), (op, yes(sent, 201))]).contested
    nobody_explains((op, yes(sent, 201)), (op, yes({**sent, "id": name(501), "seq": 7}, 201)))
    nobody_explains((op, yes(sent)), (op, yes(sent)))


def test_a_pair_that_presses_at_once_gets_one_conversation() -> None:
    state = people()
    del state.talks[QUIET]
    talk = people().talks[QUIET].view
    moment = {"created_at": state.users[ANA].created_at, "updated_at": state.users[ANA].created_at}
    member = {"role": "member", "joined_at": state.users[ANA].created_at}
    talk |= moment | {"id": name(600), "members": [{"user_id": CLEO, **member}, {"user_id": ANA, **member}]}
    both = OpenDirect("ana", CLEO), OpenDirect("cleo", ANA)
    assert explain([state], [(both[0], yes(talk)), (both[1], yes(talk, 201))]).contested
    with pytest.raises(NotAllowed):
        explain([state], [(both[0], yes(talk, 201)), (both[1], yes({**talk, "id": name(601)}, 201))])


def test_a_reader_sees_a_prefix() -> None:
    sends = [
        (Send("ben", TALK, f"n{seq}", "hello"), yes(message(seq, client_message_id=f"n{seq}"), 201)) for seq in (6, 7)
    ]
    hole = [message(7, client_message_id="n7")]
    nobody_explains(*sends, (History("ana", TALK, after_seq=5), yes({"messages": hole, "has_more": False})))


def test_a_session_that_ends_at_the_same_moment_may_be_taken_for_a_live_one() -> None:
    out, view = (LogOut("ben-0"), yes({})), people().users[BEN].view
    for answer in (yes(view), no("access_token_invalid")):
        assert explain([people()], [out, (Me("ben"), answer)]).states
    (after,) = explain([people()], [out, (Me("ben"), yes(view))]).states
    with pytest.raises(NotAllowed):
        explain([after], [(Me("ben"), yes(view)), (Me("ana"), yes(after.users[ANA].view))])
    nobody_explains((LogOut("ana-0"), yes({})), (Me("ben"), no("access_token_invalid")))


def test_a_theft_among_two_is_found_in_either_order() -> None:
    state = people()
    told = tokens(state, "ana", 1)
    (state,) = accept(state, Refresh("ana-0"), yes({"tokens": told}))
    second, third = (yes({"tokens": tokens(state, "ana", number)}) for number in (2, 3))
    parent, child = Refresh("ana-0"), Refresh(told["refresh_token"])
    for answers in ((no("refresh_token_reused"), second), (second, third)):
        assert explain([state], list(zip((parent, child), answers, strict=True))).contested
    with pytest.raises(NotAllowed):
        explain([state], [(parent, no("refresh_token_invalid")), (child, second)])


def test_what_no_answer_tells_is_left_open_until_one_does() -> None:
    views = [{**people().users[ANA].view, "display_name": shown} for shown in ("A", "B")]
    found = explain([people()], [(Rename("ana", view["display_name"]), yes(view)) for view in views])
    assert sorted(state.users[ANA].display_name for state in found.states) == ["A", "B"]
    (left,) = explain(found.states, [(Me("ana"), yes(views[0]))]).states
    assert left.users[ANA].display_name == "A"


def test_try_again_is_for_those_who_are_in_each_others_way() -> None:
    state = people()
    change = ChangePassword("ana", PASSWORD, "staple battery"), yes({"tokens": tokens(state, "ana", 1)})
    found = explain([state], [change, (LogIn("ana", PASSWORD), no("try_again"))])
    assert sorted(len(state.rumours) for state in found.states) == [0, 1]
    nobody_explains((LogIn("ana", PASSWORD), no("try_again")))
    nobody_explains(change, (LogIn("ben", PASSWORD), no("try_again")))
    nobody_explains(change, (Me("ana"), no("try_again")))
