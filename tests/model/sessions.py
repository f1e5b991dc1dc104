"""Section 2: sessions, and the chains of their refresh tokens."""

from dataclasses import replace

from tests.model.answers import Answer, NotAllowed, must, new_id, same
from tests.model.issuing import IDLE, MOST, issue
from tests.model.operations import EndSession, ListSessions, LogOut, Refresh
from tests.model.state import State
from tests.model.things import Json, Session, wire
from tests.model.wellformed import in_path


def refresh(state: State, op: Refresh, answer: Answer) -> None:
    """A token stays good until one of its successors is used; a spent one ends the session, expired or not."""
    if not 1 <= len(op.refresh_token) <= 1_024:
        return answer.must_be("invalid_request")
    token = state.tokens.get(op.refresh_token)
    if token is None or state.sessions[token.session_id].ended:
        return answer.must_be("refresh_token_invalid")
    if token.spent:
        state.end(token.session_id)
        return answer.must_be("refresh_token_reused")
    if token.expires_at <= state.now:
        return answer.must_be("refresh_token_expired")
    data = answer.data()
    same(data.keys(), {"tokens"}, "what a refresh gives")
    use(state, op.refresh_token)
    return issue(state, token.session_id, op.refresh_token, data["tokens"])


def use(state: State, refresh_token: str) -> None:
    """Its parent and its siblings are spent."""
    token = state.tokens[refresh_token]
    if token.parent is not None:
        for name, other in list(state.tokens.items()):
            if name != refresh_token and token.parent in {name, other.parent}:
                state.tokens[name] = replace(other, spent=True)
    session = state.sessions[token.session_id]
    state.sessions[session.id] = replace(session, last_used=refresh_token, last_used_at=state.now)


def log_out(state: State, op: LogOut, answer: Answer) -> None:
    """With any token that was ever given for the session."""
    if not 1 <= len(op.refresh_token) <= 1_024:
        return answer.must_be("invalid_request")
    same(answer.data(), {}, "logging out")
    if (token := state.tokens.get(op.refresh_token)) is not None:
        state.end(token.session_id)
    return None


def end_session(state: State, op: EndSession, answer: Answer) -> None:
    session = state.sessions.get(in_path(op.session_id))
    if session is None or session.user_id != state.access[op.access_token or ""].user_id:
        return answer.must_be("session_not_found")
    same(answer.data(), {}, "ending a session")
    return state.end(session.id)


def list_sessions(state: State, op: ListSessions, answer: Answer) -> None:
    """The live ones of the caller, in any order."""
    data, access = answer.data(), state.access[op.access_token or ""]
    same(data.keys(), {"sessions"}, "the list")
    told = {one["id"]: one for one in data["sessions"]}
    same(len(told), len(data["sessions"]), "the number of sessions")
    for name in told.keys() - state.sessions.keys():
        _believe(state, access.user_id, told[name])
    mine = (one for one in state.sessions.values() if one.user_id == access.user_id and state.live(one))
    same(told, {one.id: _view(one, access.session_id) for one in mine}, "the sessions")


def _view(session: Session, current_id: str) -> Json:
    return {
        "id": session.id,
        "device_name": session.device_name,
        "created_at": wire(session.created_at),
        "last_used_at": wire(session.last_used_at),
        "expires_at": wire(session.expires_at),
        "current": session.id == current_id,
    }


def _believe(state: State, user_id: str, told: Json) -> None:
    """A session of a login whose answer was try_again; nobody holds a token of it."""
    for rumour in state.rumours:
        if (rumour.user_id, rumour.device_name, wire(rumour.at)) == (user_id, told["device_name"], told["created_at"]):
            name, at = new_id(told["id"], state.ids), rumour.at
            state.sessions[name] = Session(name, user_id, rumour.device_name, at, at, min(at + IDLE, at + MOST), "")
            state.rumours = tuple(one for one in state.rumours if one is not rumour)
            return
    must(told, "a session that nobody began")
    raise NotAllowed("a session that nobody began")
