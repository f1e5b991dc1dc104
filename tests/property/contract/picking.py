"""Who asks for what: a number that a test drew, turned into one of those things that there are."""

from collections.abc import Sequence
from dataclasses import dataclass
from random import Random
from typing import TypeVar
from uuid import UUID

from hypothesis import strategies as st

from tests.model.state import State
from tests.model.things import Session, Talk, User

T = TypeVar("T")
PICKS = st.integers(0, 2**32 - 1)
NAMES = ("ana", "ben", "cleo", "dora", "emil")
PASSWORDS = ("correct horse battery", "staple battery horse", "pässwörter und mehr")
NOBODY = str(UUID(int=7))


@dataclass
class Cast:
    """The people of one run: their names begin alike, so that a search finds no others. `focus`: one user alone."""

    prefix: str
    keys: int = 0
    focus: str | None = None

    def next_key(self) -> str:
        self.keys += 1
        return f"k{self.keys}"


class Picks:
    """Decides, by one number that was drawn: were more of them drawn, most would be 0 and most requests dull."""

    def __init__(self, seed: int) -> None:
        self._random = Random(seed)

    def number(self, below: int) -> int:
        return self._random.randrange(below)

    def one_of(self, options: Sequence[T]) -> T:
        return options[self.number(len(options))]

    def seldom(self, one_in: int = 10) -> bool:
        return self.number(one_in) == one_in - 1

    def many(self, most: int) -> range:
        """From one to `most`."""
        return range(1 + self.number(most))


def usable(state: State, user_id: str | None = None) -> list[str]:
    """Access tokens that are good, the newest of each session, of everybody or of one user."""
    newest = {
        access.session_id: token
        for token, access in state.access.items()
        if access.expires_at > state.now
        and state.live(state.sessions[access.session_id])
        and user_id in {None, access.user_id}
    }
    return list(newest.values())


def actor(state: State, picks: Picks, cast: Cast) -> str | None:
    """Mostly a good access token; else one of any age, of an ended session, a forged one, or none."""
    kind = picks.number(24)
    if kind == 23:
        return picks.one_of([None, "garbage", f"{next(reversed(state.access), '')}x"])
    if kind == 22 and state.access:
        return picks.one_of(list(state.access))
    found = usable(state, cast.focus) or usable(state) or list(state.access)
    return picks.one_of(found) if found else None


def user_of(state: State, token: str | None) -> User | None:
    access = state.access.get(token or "")
    return state.users[access.user_id] if access else None


def somebody(state: State, picks: Picks, cast: Cast) -> User:
    return state.users[cast.focus] if cast.focus else picks.one_of(list(state.users.values()))


def session_of(state: State, picks: Picks, cast: Cast) -> Session:
    """Mostly a live one."""
    own = [one for one in state.sessions.values() if cast.focus in {None, one.user_id} and one.first]
    live = [one for one in own if state.live(one)]
    return picks.one_of(live if live and not picks.seldom(4) else own)


def talk_of(state: State, picks: Picks, user: User | None) -> Talk | None:
    mine = [] if user is None else state.mine(user.id)
    return picks.one_of(mine) if mine else None


def talk_name(state: State, picks: Picks, user: User | None) -> str:
    """Mostly one of one's own; else somebody else's, one that never was, one written oddly, or no id at all."""
    talk, foreign = talk_of(state, picks, user), [t for t in state.talks.values() if user and user.id not in t.members]
    kind = picks.number(12)
    if kind < 9 and talk is not None:
        return talk.id.upper() if kind == 8 else talk.id
    return picks.one_of(foreign).id if foreign and kind < 11 else picks.one_of([NOBODY, "no-id"])


def spelled(name: str, picks: Picks) -> str:
    """The same name as somebody may type it."""
    wide = "".join(chr(ord(letter) + 0xFEE0) for letter in name)
    return picks.one_of([name, name, name.upper(), wide])
