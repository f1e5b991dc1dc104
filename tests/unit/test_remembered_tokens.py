"""A token that was verified is not computed again, and is good for not a moment longer by that."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest

from chatsvc.errors import AccessTokenExpired, AccessTokenInvalid
from chatsvc.security.access_tokens import AccessClaims, AccessTokens
from chatsvc.security.keys import parse_keys
from chatsvc.security.remembered_tokens import RememberedTokens

NOW = datetime(2001, 9, 9, 1, 46, 40, tzinfo=UTC)
LIFE = timedelta(seconds=900)


class Counting(AccessTokens):
    """Access tokens that note each one whose signature is computed."""

    def __init__(self) -> None:
        keys = parse_keys(f"new:{'new' * 12}")
        super().__init__(keys=keys, issuer="chat", audience="phones", max_life_seconds=900)
        self.computed: list[str] = []

    def verify(self, token: str, *, now: datetime) -> AccessClaims:
        self.computed.append(token)
        return super().verify(token, now=now)

    def new(self) -> str:
        return self.issue(user_id=uuid4(), session_id=uuid4(), now=NOW, expires_at=NOW + LIFE)


@dataclass
class Memory:
    tokens: Counting = field(default_factory=Counting)
    most: int = 3

    def __post_init__(self) -> None:
        self.remembered = RememberedTokens(self.tokens, most=self.most)

    def verify(self, *tokens: str, now: datetime = NOW) -> int:
        """How many signatures are computed for them."""
        before = len(self.tokens.computed)
        for token in tokens:
            self.remembered.verify(token, now=now)
        return len(self.tokens.computed) - before


def test_a_signature_is_computed_once_and_the_claims_stay_its_own() -> None:
    memory = Memory()
    first, second = memory.tokens.new(), memory.tokens.new()
    assert memory.verify(first, second, first, second, first) == 2
    for token in (first, second):
        assert memory.remembered.verify(token, now=NOW) == AccessTokens.verify(memory.tokens, token, now=NOW)


def test_a_remembered_token_ends_at_its_second_and_is_not_good_again() -> None:
    memory = Memory()
    token = memory.tokens.new()
    memory.verify(token)
    assert memory.verify(token, now=NOW + LIFE - timedelta(microseconds=1)) == 0
    for _ in range(2):
        with pytest.raises(AccessTokenExpired):
            memory.verify(token, now=NOW + LIFE)
    assert memory.tokens.computed == [token, token]  # it was forgotten meanwhile


def test_a_change_of_one_character_is_never_what_is_remembered() -> None:
    memory = Memory()
    token = memory.tokens.new()
    memory.verify(token)
    for at in range(len(token)):
        changed = token[:at] + ("A" if token[at] != "A" else "B") + token[at + 1 :]
        with pytest.raises(AccessTokenInvalid):
            memory.verify(changed)
    for odd in (token + " ", token.upper(), token[:-1], "\ud800", ""):
        with pytest.raises(AccessTokenInvalid):
            memory.verify(odd)
    assert memory.verify(token) == 0


def test_the_one_used_the_longest_ago_is_forgotten() -> None:
    memory = Memory(most=3)
    a, b, c, d = (memory.tokens.new() for _ in range(4))
    memory.verify(a, b, c, a, d)  # which leaves no room for b
    assert memory.verify(a, c, d) == 0
    assert memory.verify(b) == 1
    assert memory.verify(a) == 1


def test_what_is_refused_takes_no_room() -> None:
    memory = Memory(most=1)
    good, ended = memory.tokens.new(), memory.tokens.new()
    memory.verify(good)
    for bad in ("x.y.z", good + "x", good[:-3] + "abc"):
        with pytest.raises(AccessTokenInvalid):
            memory.verify(bad)
        with pytest.raises(AccessTokenInvalid):  # nor is it taken the second time
            memory.verify(bad)
    with pytest.raises(AccessTokenExpired):
        memory.verify(ended, now=NOW + LIFE)
    assert memory.verify(good) == 0


def test_what_lies_in_memory_is_no_token_and_no_part_of_one() -> None:
    memory = Memory()
    token = memory.tokens.new()
    memory.verify(token)
    memory.tokens.computed.clear()  # this test's own notes
    signature = token.rpartition(".")[2]
    found = list(_texts(memory.remembered))
    assert len(found) >= 1
    assert not [text for text in found if signature in text]


def _texts(thing: Any) -> Iterable[str]:
    """Every text and all bytes that are held by it, or by what it holds."""
    if isinstance(thing, str):
        yield thing
    elif isinstance(thing, bytes):
        yield thing.decode("latin-1")
    elif isinstance(thing, dict):
        yield from _texts([*thing.keys(), *thing.values()])
    elif isinstance(thing, (list, tuple)):
        for one in thing:
            yield from _texts(one)
    elif hasattr(thing, "__dict__"):
        yield from _texts(vars(thing))
