"""Ana and Ben who talk, and Cleo who does not; and the answers that a right server would give them."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from tests.model.answers import STATUS, Answer, NotAllowed
from tests.model.calls import Operation
from tests.model.contract import accept
from tests.model.issuing import ACCESS_LIFE, IDLE, MOST
from tests.model.state import State
from tests.model.things import Access, Json, Session, Talk, Token, User, wire

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
PASSWORD = "correct horse battery"


def name(number: int) -> str:
    """An id."""
    return str(UUID(f"01900000-0000-7000-8000-{number:012}"))


ANA, BEN, CLEO = name(1), name(2), name(3)
TALK, QUIET, UNKNOWN, EPOCH = name(20), name(21), name(99), name(50)


def people(messages: int = 5) -> State:
    """Each signed in with the access token and the refresh token of their name; Ana and Cleo have never written."""
    state = State(now=NOON, epoch=EPOCH, limited_beyond=8)
    for user_id, username in ((ANA, "ana"), (BEN, "ben"), (CLEO, "cleo")):
        state.users[user_id] = User(user_id, username, username.title(), PASSWORD, wire(NOON), wire(NOON))
        state.by_name[username] = user_id
        session = f"{user_id[:-2]}3{user_id[-1]}"
        state.sessions[session] = Session(session, user_id, None, NOON, NOON, NOON + IDLE, f"{username}-0")
        state.tokens[f"{username}-0"] = Token(session, None, NOON + IDLE)
        state.access[username] = Access(session, user_id, NOON + ACCESS_LIFE)
    said = tuple(message(seq) for seq in range(1, messages + 1))
    state.talks[TALK] = Talk(TALK, (ANA, BEN), wire(NOON), said)
    state.talks[QUIET] = Talk(QUIET, (ANA, CLEO), wire(NOON - timedelta(days=1)))
    state.keys = {(one["sender_id"], one["client_message_id"]): (TALK, one["seq"]) for one in said}
    state.ids = {ANA, BEN, CLEO, TALK, QUIET, *(one["id"] for one in said)}
    return state


def message(seq: int, content: str = "hello", **changes: Any) -> Json:
    """Ben's message with this seq."""
    told = {
        "id": name(100 + seq),
        "conversation_id": TALK,
        "sender_id": BEN,
        "client_message_id": f"k{seq}",
        "seq": seq,
        "content": content,
        "created_at": wire(NOON),
    }
    return {**told, **changes}


def tokens(state: State, of: str, number: int) -> Json:
    """New ones of the session that `of`, an access token, belongs to."""
    session = state.sessions[state.access[of].session_id]
    ends = {"refresh_token": min(state.now + IDLE, session.created_at + MOST), "access_token": state.now + ACCESS_LIFE}
    told: Json = {"token_type": "bearer", "session_id": session.id, "access_token": f"{of}{number}"}
    told["refresh_token"] = f"{of}-{number:043}"
    for kind, moment in ends.items():
        told[f"{kind}_expires_at"] = wire(moment)
        told[f"{kind}_expires_in"] = int((moment - state.now).total_seconds())
    return told


def yes(data: Any, status: int = 200) -> Answer:
    return Answer(status, {"data": data})


def no(code: str, details: Any = None) -> Answer:
    error = {"code": code, "message": "No."} | ({} if details is None else {"details": details})
    return Answer(STATUS[code], {"error": error})


def allowed(state: State, op: Operation, answer: Answer) -> State:
    """What is true afterwards."""
    (after,) = accept(state, op, answer)
    return after


def refused(state: State, op: Operation, *answers: Answer) -> None:
    for answer in answers:
        with pytest.raises(NotAllowed):
            accept(state, op, answer)
