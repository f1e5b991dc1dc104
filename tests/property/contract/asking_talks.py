"""Requests about conversations, messages and sync, in the same spirit."""

from typing import Any

from tests.model.calls import Operation
from tests.model.state import State
from tests.model.talk_operations import Batch, Bootstrap, Changes, History, ListTalks, OpenDirect, Send
from tests.model.things import User
from tests.property.contract.asking import Build
from tests.property.contract.picking import NOBODY, Cast, Picks, actor, talk_name, talk_of, user_of


def _size(picks: Picks, most: int) -> int | None:
    """Mostly a small one."""
    return picks.one_of([0, most + 1]) if picks.seldom(16) else picks.one_of([None, 1, 1, 2, 2, 3, 5, most])


def open_direct(state: State, picks: Picks, cast: Cast) -> Operation:
    token = actor(state, picks, cast)
    other = picks.one_of(list(state.users))
    if picks.seldom(6):
        other = picks.one_of([NOBODY, "no-id", other.upper()])
    return OpenDirect(token, other)


def list_talks(state: State, picks: Picks, cast: Cast) -> Operation:
    return ListTalks(actor(state, picks, cast), _size(picks, 200), _cursor(state, picks))


def bootstrap(state: State, picks: Picks, cast: Cast) -> Operation:
    return Bootstrap(actor(state, picks, cast), _size(picks, 200), _size(picks, 100), _cursor(state, picks))


def _cursor(state: State, picks: Picks) -> str | None:
    """None, any that was ever given (of other lists and other people too), or none that was."""
    known = list(state.cursors)[-6:]
    return picks.one_of([None, *known[-2:], *known, "garbage"])


def history(state: State, picks: Picks, cast: Cast) -> Operation:
    token = actor(state, picks, cast)
    user = user_of(state, token)
    name, talk = talk_name(state, picks, user), talk_of(state, picks, user)
    seqs = [None, 0, 1, 2, talk.head if talk else 5, talk.head + 1 if talk else 9, picks.number(12), 2**53]
    after, before = picks.one_of([None, "after", "before", "after", "before"]), picks.one_of(seqs)
    limit = _size(picks, 200)
    if after == "after":
        return History(token, name, before, 3 if picks.seldom() else None, limit)
    return History(token, name, None, before if after else None, limit)


def send(state: State, picks: Picks, cast: Cast) -> Operation:
    token = actor(state, picks, cast)
    name, key, content = _message(state, picks, cast, user_of(state, token))
    return Send(token, name, key, content)


def _message(state: State, picks: Picks, cast: Cast, user: User | None) -> tuple[str, str, str]:
    """Mostly a new one; else one sent before, or its key with another content or in another conversation."""
    name = talk_name(state, picks, user)
    sent = [key for sender, key in state.keys if user and sender == user.id]
    kind = picks.number(10)
    if kind < 6 or not sent or user is None:
        content = picks.one_of(["hello", " x\n", "ÿ" * 130, "é" * 4_000, f"text {kind}"])
        return name, cast.next_key(), content
    key = picks.one_of(sent)
    talk_id, seq = state.keys[user.id, key]
    first = state.talks[talk_id].messages[seq - 1]["content"]
    if kind < 8:
        return talk_id, key, first
    return (talk_id, key, first + "!") if kind == 8 else (name, key, first)


def send_nonsense(state: State, picks: Picks, cast: Cast) -> Operation:
    token = actor(state, picks, cast)
    name, key = talk_name(state, picks, user_of(state, token)), cast.next_key()
    key, content = picks.one_of([(key, " \u2003\n"), (key, ""), ("a b", "x"), ("", "x"), (key, "x" * 4_001)])
    return Send(token, name, key, content)


def send_batch(state: State, picks: Picks, cast: Cast) -> Operation:
    """A mix of all these, the same item twice, and items that are none."""
    token = actor(state, picks, cast)
    items: list[Any] = []
    for _ in picks.many(4):
        name, key, content = _message(state, picks, cast, user_of(state, token))
        items.append({"conversation_id": name, "client_message_id": key, "content": content})
    again = picks.number(6)
    if again == 5:
        items.append(items[0])
    if again == 4:
        items.insert(0, picks.one_of([17, {}, {**items[0], "content": "\t"}, {**items[0], "more": 1}]))
    return Batch(token, () if picks.seldom(20) else tuple(items))


def several(cast: Cast, conversation_id: str, count: int) -> tuple[dict[str, str], ...]:
    """New messages for a conversation."""
    fields = {"conversation_id": conversation_id, "content": "m"}
    return tuple({**fields, "client_message_id": cast.next_key()} for _ in range(count))


def send_many(state: State, picks: Picks, cast: Cast) -> Operation:
    """So many that whoever was behind is far behind."""
    token = actor(state, picks, cast)
    talk = talk_of(state, picks, user_of(state, token))
    return Batch(token, several(cast, talk.id if talk else NOBODY, 6))


def changes(state: State, picks: Picks, cast: Cast) -> Operation:
    token = actor(state, picks, cast)
    user = user_of(state, token)
    held: dict[str, int] = {}
    for talk in state.talks.values():
        place = picks.number(12)
        seqs = (talk.head, max(0, talk.head - 1), max(0, talk.head - 3), max(0, talk.head - 9), 0, talk.head + 2)
        if user and place < (10 if user.id in talk.members else 1):
            held[talk.id.upper() if place == 9 else talk.id] = seqs[place % len(seqs)]
    held |= picks.one_of([{}, {}, {}, {}, {NOBODY: 3}, {NOBODY: 0}, {"no-id": 1}, {NOBODY: -1}])
    if held and picks.seldom(20):
        held[next(iter(held)).swapcase()] = 1
    return Changes(
        token,
        tuple(held.items()),
        NOBODY if picks.seldom() else picks.one_of([None, state.epoch]),
        _size(picks, 500),
        _size(picks, 100),
        picks.one_of([None, None, True, False]),
        picks.seldom(4),
    )


ON_MESSAGES: tuple[Build, ...] = (
    send,
    send_batch,
    open_direct,
    changes,
    bootstrap,
    history,
    list_talks,
)
