"""Requests that ran at once: some order of them must explain all the answers."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from tests.model.answers import Answer, NotAllowed
from tests.model.calls import Operation, told
from tests.model.contract import accept
from tests.model.operations import ChangePassword, LogIn
from tests.model.state import State
from tests.model.wellformed import folded

Event = tuple[Operation, Answer]


@dataclass(frozen=True)
class Explained:
    """Every state that there may be now; `contested`: not every order of the requests explains the answers."""

    states: list[State]
    contested: bool


def explain(states: Sequence[State], events: Sequence[Event]) -> Explained:
    """Depth first over the orders, but no set of requests twice from the same state. Raises NotAllowed."""
    refused: list[str] = []
    reached: dict[frozenset[int], list[State]] = {frozenset(): [_began(state, len(events)) for state in states]}
    for size in range(len(events)):
        for done in [found for found in reached if len(found) == size]:
            for state in reached[done]:
                for at in set(range(len(events))) - done:
                    _add(reached.setdefault(done | {at}, []), _after(state, events, at, refused))
    found = [replace(state, lately=frozenset()) for state in reached.get(frozenset(range(len(events))), [])]
    if not found:
        answers = (f"{told(op)} {answer}" for op, answer in events)
        raise NotAllowed("\n".join(["no order of these explains the answers:", *answers, *dict.fromkeys(refused)]))
    return Explained(found, bool(refused))


def _began(state: State, size: int) -> State:
    """A group alone lets one request end the session of another."""
    live = (name for name, session in state.sessions.items() if state.live(session))
    return replace(state, lately=frozenset(live) if size > 1 else frozenset())


def _after(state: State, events: Sequence[Event], at: int, refused: list[str]) -> list[State]:
    op, answer = events[at]
    others = [other for place, (other, _) in enumerate(events) if place != at]
    try:
        return accept(state, op, answer, contended=any(_in_the_way(state, op, other) for other in others))
    except NotAllowed as error:
        refused.append(f"{type(op).__name__}: {error}")
        return []


def _in_the_way(state: State, op: Operation, other: Operation) -> bool:
    """Whether the password that `op` compares may be changed by `other` meanwhile."""
    return isinstance(other, ChangePassword) and _whose(state, op) == _whose(state, other) is not None


def _whose(state: State, op: Operation) -> str | None:
    if isinstance(op, LogIn):
        return state.by_name.get(folded(op.username))
    access = state.access.get(op.access_token or "") if isinstance(op, ChangePassword) else None
    return access.user_id if access else None


def _add(states: list[State], found: list[State]) -> None:
    states.extend(state for state in found if state not in states)
