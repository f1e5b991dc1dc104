"""Sections 2 and 3: who there is, and by which name and password."""

from dataclasses import replace
from typing import Any

from tests.model.answers import Answer, must, new_id, same
from tests.model.issuing import issue, new_session
from tests.model.operations import ChangePassword, LogIn, Me, OneUser, Register, Rename, Search
from tests.model.state import State
from tests.model.things import User, wire
from tests.model.wellformed import folded, in_path, is_device_name, is_name, is_password, is_size, is_username


def register(state: State, op: Register, answer: Answer) -> None:
    named = is_username(op.username) and is_name(op.display_name) and is_device_name(op.device_name)
    if not (named and is_password(op.password)):
        return answer.must_be("invalid_request")
    username = folded(op.username)
    if username in state.by_name:
        return answer.must_be("username_taken")
    data = _signed_in(answer, 201)
    user = User(
        id=new_id(data["user"].get("id"), state.ids),
        username=username,
        display_name=op.display_name or username,
        password=op.password,
        created_at=wire(state.now),
        updated_at=wire(state.now),
    )
    same(data["user"], user.view, "the user")
    state.users[user.id], state.by_name[username] = user, user.id
    return new_session(state, user, op.device_name, data["tokens"])


def log_in(state: State, op: LogIn, answer: Answer) -> None:
    if not (is_device_name(op.device_name) and len(op.username) <= 1_024 and len(op.password) <= 1_024):
        return answer.must_be("invalid_request")
    user = state.users.get(state.by_name.get(folded(op.username), ""))
    if user is None or user.password != op.password:
        return answer.must_be("invalid_credentials")
    data = _signed_in(answer, 200)
    same(data["user"], user.view, "the user")
    return new_session(state, user, op.device_name, data["tokens"])


def _signed_in(answer: Answer, status: int) -> Any:
    data = answer.data(status)
    same(data.keys(), {"user", "tokens"}, "what signing in gives")
    return data


def change_password(state: State, op: ChangePassword, answer: Answer) -> None:
    """Repeated when the password already is the new one, it ends nothing."""
    if not (len(op.current_password) <= 1_024 and is_password(op.new_password)):
        return answer.must_be("invalid_request")
    access = state.access[op.access_token or ""]
    user, own = state.users[access.user_id], state.sessions[access.session_id]
    if user.password not in {op.current_password, op.new_password}:
        return answer.must_be("invalid_credentials")
    must(state.live(own), "its session is over")
    data = answer.data()
    same(data.keys(), {"tokens"}, "what a change of the password gives")
    if user.password == op.current_password:
        set_password(state, user, op.new_password, but=own.id)
    return issue(state, own.id, own.last_used or own.first, data["tokens"])


def set_password(state: State, user: User, password: str, *, but: str) -> None:
    state.users[user.id] = replace(user, password=password)
    for session in list(state.sessions.values()):
        if session.user_id == user.id and session.id != but:
            state.end(session.id)


def me(state: State, op: Me, answer: Answer) -> None:
    same(answer.data(), caller(state, op.access_token).view, "oneself")


def rename(state: State, op: Rename, answer: Answer) -> None:
    if not is_name(op.display_name):
        return answer.must_be("invalid_request")
    user = caller(state, op.access_token)
    if op.display_name is not None and op.display_name != user.display_name:
        updated_at = max(user.updated_at, wire(state.now))
        user = replace(user, display_name=op.display_name, updated_at=updated_at)
    state.users[user.id] = user
    return same(answer.data(), user.view, "oneself")


def one_user(state: State, op: OneUser, answer: Answer) -> None:
    user = state.users.get(in_path(op.user_id))
    if user is None:
        return answer.must_be("user_not_found")
    return same(answer.data(), user.view, "the user")


def search(state: State, op: Search, answer: Answer) -> None:
    """Whoever runs this lets nobody else in whose name could fit."""
    query = op.query.strip()
    if not (1 <= len(query) <= 64 and is_size(op.limit, 50)):
        return answer.must_be("invalid_request")
    prefix, caller_id = folded(query), caller(state, op.access_token).id
    fitting = [
        user
        for user in state.users.values()
        if user.id != caller_id and (user.username.startswith(prefix) or folded(user.display_name).startswith(prefix))
    ]
    fitting.sort(key=lambda user: (user.username != prefix, user.username))
    return same(answer.data(), {"users": [user.view for user in fitting[: op.limit or 20]]}, "what was found")


def caller(state: State, access_token: str | None) -> User:
    return state.users[state.access[access_token or ""].user_id]
