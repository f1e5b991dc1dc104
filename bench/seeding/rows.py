"""The rows of a population, table by table, as text that both databases read.

Messages come in the order of their times, those of some hundred conversations interleaved: the messages of one
conversation lie apart, as they do where people talk at the same time, and equally far at every size.
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from functools import cached_property
from itertools import islice

from bench.people import PASSWORD, Talk, username, version_7
from bench.population import Population
from chatsvc.column_types import wire_time
from chatsvc.security.passwords import hash_password

Row = tuple[str | int | None, ...]
TOGETHER = 200  # conversations that go on at the same time
_TALK = "The quick brown fox jumps over the lazy dog, while Zoë counts her sheep near Köln, night after night, "
_TEXTS = [(_TALK * 2)[at % 13 : at % 13 + 20 + 2 * at] for at in range(64)]  # of 20 to 146 characters

COLUMNS: Mapping[str, tuple[str, ...]] = {
    "users": ("id", "username", "display_name", "display_name_folded", "password_hash", "created_at", "updated_at"),
    "sessions": ("id", "user_id", "created_at", "last_used_at", "expires_at"),
    "messages": ("id", "conversation_id", "sender_id", "client_message_id", "seq", "content", "created_at"),
    "conversations": (
        "id", "type", "direct_key", "created_at", "updated_at", "last_message_preview", "last_message_at",
    ),
    "conversation_members": ("conversation_id", "user_id", "joined_at", "role"),
    "conversation_counters": ("conversation_id", "next_seq"),
}  # fmt: skip
"""In the order of filling: a conversation shows its newest message, so messages are made first."""


class Rows:
    """What each table of `COLUMNS` is filled with; to be asked for in that order, once."""

    def __init__(self, population: Population) -> None:
        self._people = population
        self._newest: dict[int, tuple[str, str]] = {}

    def of(self, table: str) -> Iterator[Row]:
        rows: Iterator[Row] = getattr(self, f"_{table}")()
        return rows

    @cached_property
    def _talks(self) -> list[Talk]:
        return sorted(self._people.talks(), key=lambda talk: self._people.conversation_key(talk.number))

    @cached_property
    def _founded(self) -> str:
        return _time(self._people.begins - 86_400_000)

    def _users(self) -> Iterator[Row]:
        hashed = hash_password(PASSWORD)
        for number in range(self._people.people):
            name = username(number)
            secret = hashed if number < self._people.measured else "-"
            yield (self._people.user_key(number), name, name, name, secret, self._founded, self._founded)

    def _sessions(self) -> Iterator[Row]:
        expires = wire_time(self._people.now + timedelta(days=60))
        for number in range(self._people.measured):
            ids = (str(self._people.session_id(number)), self._people.user_key(number))
            yield (*ids, self._founded, self._founded, expires)

    def _messages(self) -> Iterator[Row]:
        moment, step = self._people.begins, self._people.step
        for number, (talk, conversation, sender, seq) in enumerate(self._said()):
            time, text = _time(moment), _TEXTS[number & 63]
            yield (version_7(moment, 4, number), conversation, sender, f"m{number}", seq, text, time)
            if seq == talk.messages:
                self._newest[talk.number] = (time, text)
            moment += step

    def _said(self) -> Iterator[tuple[Talk, str, str, int]]:
        """Who says something where, turn by turn in each conversation."""
        for block in _blocks(self._talks, TOGETHER):
            keyed = [self._keyed(talk) for talk in block]
            for seq in range(1, max(talk.messages for talk in block) + 1):
                for talk, conversation, members in keyed:
                    if seq <= talk.messages:
                        yield talk, conversation, members[seq & 1], seq

    def _keyed(self, talk: Talk) -> tuple[Talk, str, tuple[str, str]]:
        first, second = (self._people.user_key(member) for member in talk.members)
        return talk, self._people.conversation_key(talk.number), (first, second)

    def _conversations(self) -> Iterator[Row]:
        for talk, conversation, members in map(self._keyed, self._talks):
            time, text = self._newest[talk.number]
            pair = ":".join(sorted(members))
            yield (conversation, "direct", pair, self._founded, time, text[:120], time)

    def _conversation_members(self) -> Iterator[Row]:
        for _, conversation, members in map(self._keyed, self._talks):
            for member in sorted(members):
                yield (conversation, member, self._founded, "member")

    def _conversation_counters(self) -> Iterator[Row]:
        for talk in self._talks:
            yield (self._people.conversation_key(talk.number), talk.messages + 1)


def _time(milliseconds: int) -> str:
    seconds, rest = divmod(milliseconds, 1000)
    return f"{datetime.fromtimestamp(seconds, tz=UTC).isoformat()[:19]}.{rest:03d}Z"  # half the time of wire_time


def _blocks(talks: Iterable[Talk], size: int) -> Iterator[list[Talk]]:
    left = iter(talks)
    while block := list(islice(left, size)):
        yield block
