"""Requests about accounts and sessions: right ones, wrong ones, and those that a thief would send."""

from collections.abc import Callable

from tests.model.calls import Operation
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
from tests.property.contract.picking import NAMES, NOBODY, PASSWORDS, Cast, Picks, actor, session_of, somebody, spelled

Build = Callable[[State, Picks, Cast], Operation]
DEVICES = (None, "phone", "tablet")


def register(state: State, picks: Picks, cast: Cast) -> Operation:
    name = spelled(cast.prefix + picks.one_of(NAMES), picks)
    password, shown = picks.one_of(PASSWORDS), picks.one_of([None, f"{cast.prefix} Ana"])
    if picks.seldom(6):
        name, password = picks.one_of([("ab", password), ("a b c", password), (name, "short")])
    return Register(name, password, shown, picks.one_of(DEVICES))


def log_in(state: State, picks: Picks, cast: Cast) -> Operation:
    user = somebody(state, picks, cast)
    name, password = spelled(user.username, picks), user.password
    if picks.seldom(4):
        password = picks.one_of([*PASSWORDS, "", password + " "])
    if picks.seldom(8):
        name = picks.one_of([f"{cast.prefix}nobody", "", "a b"])
    return LogIn(name, password, picks.one_of(DEVICES))


def a_refresh_token(state: State, picks: Picks, cast: Cast) -> str:
    """Mostly the one used last or a successor of it; else any that was ever given, or none that was."""
    session = session_of(state, picks, cast)
    chain = [name for name, token in state.tokens.items() if token.session_id == session.id]
    kind = picks.number(12)
    if kind == 11:
        return picks.one_of(["garbage", "x" * 1_025, ""])
    return picks.one_of(chain if kind > 5 else chain[-2:])


def refresh(state: State, picks: Picks, cast: Cast) -> Operation:
    return Refresh(a_refresh_token(state, picks, cast))


def log_out(state: State, picks: Picks, cast: Cast) -> Operation:
    return LogOut(a_refresh_token(state, picks, cast))


def list_sessions(state: State, picks: Picks, cast: Cast) -> Operation:
    return ListSessions(actor(state, picks, cast))


def end_session(state: State, picks: Picks, cast: Cast) -> Operation:
    """One's own, ended ones too, somebody else's, or none."""
    token = actor(state, picks, cast)
    access = state.access.get(token or "")
    own = [one.id for one in state.sessions.values() if access and one.user_id == access.user_id]
    chosen = picks.one_of(own if own and not picks.seldom(4) else [*state.sessions, NOBODY, "no-id"])
    return EndSession(token, chosen.upper() if picks.seldom() else chosen)


def change_password(state: State, picks: Picks, cast: Cast) -> Operation:
    token = actor(state, picks, cast)
    access = state.access.get(token or "")
    current = state.users[access.user_id].password if access and not picks.seldom(3) else picks.one_of(PASSWORDS)
    return ChangePassword(token, current, "short" if picks.seldom() else picks.one_of(PASSWORDS))


def me(state: State, picks: Picks, cast: Cast) -> Operation:
    return Me(actor(state, picks, cast))


def rename(state: State, picks: Picks, cast: Cast) -> Operation:
    shown = [f"{cast.prefix} Ana", f"{cast.prefix.upper()} STRASSE", f"{cast.prefix} straße", None, "  "]
    return Rename(actor(state, picks, cast), picks.one_of(shown))


def one_user(state: State, picks: Picks, cast: Cast) -> Operation:
    token, known = actor(state, picks, cast), list(state.users)
    name = picks.one_of(known) if not picks.seldom(4) else picks.one_of([NOBODY, "no-id", known[0].upper()])
    return OneUser(token, name)


def search(state: State, picks: Picks, cast: Cast) -> Operation:
    """Always by a beginning that nobody else's name has, or that nobody's can."""
    exact = somebody(state, picks, cast).username
    ends = ["", "a", " ana", " straß", " STRASS", exact.removeprefix(cast.prefix), "%", "_na"]
    query = picks.one_of(["  ", "%", "x" * 65]) if picks.seldom() else cast.prefix + picks.one_of(ends)
    limit = picks.one_of([None, None, 1, 2, 3, 50, 0, 51])
    return Search(actor(state, picks, cast), f" {query.upper()} " if picks.seldom(5) else query, limit)


def about_server(state: State, picks: Picks, cast: Cast) -> Operation:
    return AboutServer()


ON_A_SESSION: tuple[Build, ...] = (
    refresh,
    refresh,
    log_out,
    end_session,
    change_password,
    log_in,
    list_sessions,
    me,
)
OTHERS: tuple[Build, ...] = (
    about_server,
    register,
    rename,
    search,
    one_user,
)
