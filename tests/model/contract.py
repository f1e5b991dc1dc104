"""The acceptor: whether an answer to an operation is allowed here, and what is true then."""

from collections.abc import Callable
from typing import Any

from tests.model import accounts, sending, sessions, sync, talks
from tests.model.answers import Answer, NotAllowed, must, same
from tests.model.calls import Operation, Signed
from tests.model.operations import (
    AboutServer,
    ChangePassword,
    EndSession,
    ListSessions,
    LogIn,
    LogOut,
    Me,
    OneUser,
    Refresh,
    Register,
    Rename,
    Search,
)
from tests.model.state import State
from tests.model.talk_operations import Batch, Bootstrap, Changes, History, ListTalks, OpenDirect, Send
from tests.model.things import Rumour
from tests.model.wellformed import folded


def about_server(state: State, _op: AboutServer, answer: Answer) -> None:
    """Always the same."""
    data = answer.data()
    same(data.keys(), {"version", "api", "limits", "features"}, "what a server tells of itself")
    state.server = state.server or data
    same(data, state.server, "what the server tells of itself")


RULES: dict[type[Operation], Callable[[State, Any, Answer], None]] = {
    Register: accounts.register,
    LogIn: accounts.log_in,
    ChangePassword: accounts.change_password,
    Me: accounts.me,
    Rename: accounts.rename,
    OneUser: accounts.one_user,
    Search: accounts.search,
    Refresh: sessions.refresh,
    LogOut: sessions.log_out,
    ListSessions: sessions.list_sessions,
    EndSession: sessions.end_session,
    OpenDirect: talks.open_direct,
    ListTalks: talks.list_talks,
    History: talks.history,
    Send: sending.send,
    Batch: sending.send_batch,
    Bootstrap: sync.bootstrap,
    Changes: sync.changes,
    AboutServer: about_server,
}


def accept(state: State, op: Operation, answer: Answer, *, contended: bool = False) -> list[State]:
    """Every state that there may be after this answer. Raises NotAllowed; `state` itself is left as it is.

    `contended`: another request changes this user's password at the same time, so that try_again may be the answer.
    """
    if answer.code == "try_again":
        must(contended, "nobody was in the way")
        answer.must_be("try_again")
        return _done_or_not(state, op)
    after = state.copy()
    if isinstance(op, Signed) and _refused(state, op, answer):
        return [after]
    RULES[type(op)](after, op, answer)
    return [after]


def _refused(state: State, op: Signed, answer: Answer) -> bool:
    """401 comes first. A session that was ended by a request of the same moment may still be taken for a live one."""
    codes = _refusals(state, op.access_token)
    if answer.code in codes:
        answer.must_be(answer.code)
        return True
    lately = op.access_token in state.access and state.access[op.access_token].session_id in state.lately
    must(not codes or (lately and codes == {"access_token_invalid"}), f"only {codes} may be the answer, not {answer}")
    return False


def _refusals(state: State, token: str | None) -> set[str]:
    """The codes for what is wrong with an access token; empty: nothing is."""
    if token is None:
        return {"access_token_missing"}
    if (access := state.access.get(token)) is None:
        return {"access_token_invalid"}
    over = set() if state.live(state.sessions[access.session_id]) else {"access_token_invalid"}
    return over | ({"access_token_expired"} if access.expires_at <= state.now else set())


def _done_or_not(state: State, op: Operation) -> list[State]:
    """The outcome is unknown: both are possible from now on."""
    after = state.copy()
    if isinstance(op, LogIn):
        user = state.users[state.by_name[folded(op.username)]]
        after.rumours = (*after.rumours, Rumour(user.id, op.device_name, state.now))
        return [state.copy(), after]
    if isinstance(op, ChangePassword):
        access = state.access[op.access_token or ""]
        accounts.set_password(after, state.users[access.user_id], op.new_password, but=access.session_id)
        return [state.copy(), after]
    raise NotAllowed("nothing of it can be in anybody's way")
