"""The model refuses what a server must not answer: chains of refresh tokens, sessions, passwords, names."""

from dataclasses import replace
from datetime import timedelta

import pytest

from tests.model.examples import (
    ANA,
    BEN,
    CLEO,
    PASSWORD,
    UNKNOWN,
    allowed,
    name,
    no,
    people,
    refused,
    tokens,
    yes,
)
from tests.model.operations import (
    ChangePassword,
    EndSession,
    ListSessions,
    LogIn,
    LogOut,
    Me,
    Refresh,
    Register,
    Search,
)
from tests.model.state import State


def refreshed(state: State, token: str, number: int) -> tuple[State, str]:
    """The state after a right answer, and the successor."""
    told = tokens(state, "ana", number)
    return allowed(state, Refresh(token), yes({"tokens": told})), told["refresh_token"]


def siblings() -> tuple[State, str, str]:
    """Two successors of Ana's first token, both good."""
    state, one = refreshed(people(), "ana-0", 1)
    state, other = refreshed(state, "ana-0", 2)
    return state, one, other


def test_a_lost_answer_does_not_end_a_session() -> None:
    state, _, _ = siblings()
    refused(state, Refresh("ana-0"), no("refresh_token_reused"), no("refresh_token_invalid"))


@pytest.mark.parametrize("spent", ["parent", "sibling"])
def test_the_use_of_a_successor_spends_its_parent_and_its_siblings(spent: str) -> None:
    state, one, other = siblings()
    state, _ = refreshed(state, other, 3)
    stolen = one if spent == "sibling" else "ana-0"
    refused(state, Refresh(stolen), yes({"tokens": tokens(state, "ana", 4)}), no("refresh_token_invalid"))
    assert allowed(state, Refresh(stolen), no("refresh_token_reused")).sessions[state.tokens[other].session_id].ended


def test_reuse_is_judged_before_expiry() -> None:
    state, _, other = siblings()
    state, _ = refreshed(state, other, 3)
    state.now += timedelta(days=400)
    refused(state, Refresh("ana-0"), no("refresh_token_expired"))
    allowed(state, Refresh("ana-0"), no("refresh_token_reused"))


def test_nothing_of_an_ended_session_is_good() -> None:
    state = allowed(people(), LogOut("ana-0"), yes({}))
    refused(state, Refresh("ana-0"), no("refresh_token_reused"), yes({"tokens": tokens(state, "ana", 1)}))
    refused(state, Me("ana"), yes(state.users[BEN].view), no("access_token_expired"), no("access_token_missing"))
    allowed(state, Me("ana"), no("access_token_invalid"))


def test_an_access_token_ends_with_its_second() -> None:
    state = people()
    state.now += timedelta(minutes=15)
    refused(state, Me("ben"), yes(state.users[BEN].view), no("access_token_invalid"))
    allowed(state, Me("ben"), no("access_token_expired"))


def test_a_successor_for_the_password_is_no_use_of_a_token() -> None:
    state, one, _ = siblings()
    told = tokens(state, "ana", 3)
    state = allowed(state, ChangePassword("ana", PASSWORD, "staple battery"), yes({"tokens": told}))
    state, _ = refreshed(state, one, 4)
    refused(state, Refresh(told["refresh_token"]), yes({"tokens": tokens(state, "ana", 5)}))
    refused(state, LogIn("ana", PASSWORD), yes({"user": state.users[ANA].view, "tokens": tokens(people(), "ana", 6)}))


def test_a_changed_password_ends_every_other_session() -> None:
    state = people()
    other = state.sessions[state.access["ana"].session_id]
    state.sessions[name(77)] = replace(other, id=name(77))
    state = allowed(state, ChangePassword("ana", PASSWORD, "staple battery"), yes({"tokens": tokens(state, "ana", 1)}))
    one = {"device_name": None, "created_at": "2026-11-23T12:00:00.000Z", "last_used_at": "2026-11-23T12:00:00.000Z"}
    own = {**one, "id": other.id, "expires_at": "2027-01-22T12:00:00.000Z", "current": True}
    allowed(state, ListSessions("ana"), yes({"sessions": [own]}))
    refused(state, ListSessions("ana"), yes({"sessions": [own, {**own, "id": name(77), "current": False}]}))
    refused(state, ListSessions("ana"), yes({"sessions": []}), yes({"sessions": [own, own]}))


def test_somebody_elses_session_is_none() -> None:
    state = people()
    bens = state.access["ben"].session_id
    for session_id in (bens, UNKNOWN, "no-id"):
        refused(state, EndSession("ana", session_id), yes({}), no("invalid_request"))
        allowed(state, EndSession("ana", session_id), no("session_not_found"))


def test_tokens_live_as_long_as_they_should() -> None:
    state = people()
    for change in ({"refresh_token_expires_in": 1}, {"session_id": UNKNOWN}, {"refresh_token": "ana-0"}):
        refused(state, Refresh("ana-0"), yes({"tokens": {**tokens(state, "ana", 1), **change}}))


def test_a_name_is_one_in_every_spelling() -> None:
    state = people()
    for spelling in ("ANA", "Ａｎａ"):
        refused(state, Register(spelling, PASSWORD), no("invalid_request"), yes({}, 201))
        allowed(state, Register(spelling, PASSWORD), no("username_taken"))
        refused(state, LogIn(spelling, PASSWORD), no("invalid_credentials"))


def test_a_search_leaves_the_caller_out_and_has_the_exact_name_first() -> None:
    state = people()
    state.users[CLEO] = replace(state.users[CLEO], username="benedict")
    cleo, ben = state.users[CLEO].view, state.users[BEN].view
    allowed(state, Search("ana", "BEN"), yes({"users": [ben, cleo]}))
    refused(state, Search("ana", "ben"), yes({"users": [cleo, ben]}), yes({"users": [ben]}))
    refused(state, Search("ben", "ben"), yes({"users": [ben, cleo]}))
