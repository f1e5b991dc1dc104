"""At the end of a run everything is read, by everybody."""

from collections.abc import Callable

from tests.model.calls import Operation
from tests.model.operations import ListSessions, LogIn, Me, OneUser, Refresh, Search
from tests.model.talk_operations import Bootstrap, Changes, History, ListTalks
from tests.model.things import User
from tests.property.contract.machine import Machine
from tests.property.contract.picking import usable

PRESENTED = 10


def look_at_everything(machine: Machine) -> None:
    """The chains of tokens last: that ends sessions."""
    for user in list(machine.state.users.values()):
        _sign_in(machine, user)
        token = usable(machine.state, user.id)[-1]
        for op in (Me(token), ListSessions(token), Search(token, machine.cast.prefix), Changes(token, (), limit=500)):
            machine.do(op)
        machine.do(*(OneUser(token, other) for other in list(machine.state.users)[:4]))
        _page_by_page(machine, lambda cursor, token=token: ListTalks(token, 2, cursor))  # type: ignore[misc]
        _page_by_page(machine, lambda cursor, token=token: Bootstrap(token, 2, 3, cursor))  # type: ignore[misc]
        for talk in list(machine.state.talks.values()):  # those of others too: there are none
            machine.do(History(token, talk.id, limit=200))
            machine.do(History(token, talk.id, before_seq=talk.head, limit=3))
    for name in list(machine.state.tokens)[-PRESENTED:]:
        machine.do(Refresh(name))
    for name in list(machine.state.access)[-PRESENTED:]:
        machine.do(Me(name))


def _sign_in(machine: Machine, user: User) -> None:
    """With the password; where a change of it has an unknown outcome, with each that it may be."""
    for password in dict.fromkeys(state.users[user.id].password for state in machine.states):
        machine.do(LogIn(user.username, password))


def _page_by_page(machine: Machine, ask: Callable[[str | None], Operation]) -> None:
    cursor = None
    for _ in range(100):
        (answer,) = machine.do(ask(cursor))
        cursor = answer.data()["next_cursor"]
        if cursor is None:
            return
