"""Tokens as they are handed out."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from tests.model.answers import must, new_id, same
from tests.model.state import State
from tests.model.things import Access, Session, Token, User, wire

ACCESS_LIFE = timedelta(minutes=15)
IDLE, MOST = timedelta(days=60), timedelta(days=365)
_FIELDS = {
    "token_type",
    "access_token",
    "access_token_expires_at",
    "access_token_expires_in",
    "refresh_token",
    "refresh_token_expires_at",
    "refresh_token_expires_in",
    "session_id",
}


def new_session(state: State, user: User, device_name: str | None, tokens: Any) -> None:
    """One login is one session."""
    must(isinstance(tokens, dict) and tokens.keys() == _FIELDS, "these are no tokens")
    name, first = new_id(tokens["session_id"], state.ids), tokens["refresh_token"]
    state.sessions[name] = Session(name, user.id, device_name, state.now, state.now, state.now, first)
    issue(state, name, None, tokens)


def issue(state: State, session_id: str, parent: str | None, tokens: Any) -> None:
    """One more successor of `parent`, and an access token."""
    must(isinstance(tokens, dict) and tokens.keys() == _FIELDS, "these are no tokens")
    session = state.sessions[session_id]
    same((tokens["token_type"], tokens["session_id"]), ("bearer", session_id), "the tokens' session")
    most = session.created_at + MOST
    expires_at, access_expires_at = min(state.now + IDLE, most), min(state.now + ACCESS_LIFE, most)
    _check_life(state, tokens, "refresh_token", expires_at)
    _check_life(state, tokens, "access_token", access_expires_at.replace(microsecond=0))
    refresh, access = tokens["refresh_token"], tokens["access_token"]
    must(isinstance(refresh, str) and len(refresh) >= 43, "256 bits take 43 characters")
    must(refresh not in state.tokens, "a refresh token was given before")
    state.tokens[refresh] = Token(session_id, parent, expires_at)
    state.access[access] = Access(session_id, session.user_id, access_expires_at.replace(microsecond=0))
    state.sessions[session_id] = replace(session, expires_at=expires_at)


def _check_life(state: State, tokens: Any, name: str, expires_at: datetime) -> None:
    same(tokens[f"{name}_expires_at"], wire(expires_at), f"{name}_expires_at")
    same(tokens[f"{name}_expires_in"], int((expires_at - state.now).total_seconds()), f"{name}_expires_in")
