"""Who is in a measured database: every database of a run holds the same people, and the largest many more."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property
from math import ceil
from uuid import UUID

from bench.people import Group, Person, Talk, scattered, version_7

FILLER_MESSAGES = 100  # in each conversation between people whom nobody measures
CONVERSATIONS_PER_PERSON = 20
_HISTORY = timedelta(days=30)


@dataclass(frozen=True)
class Population:
    """`messages` in all: those of the groups, and the rest among others. Measured people come first."""

    groups: tuple[Group, ...]
    messages: int
    now: datetime

    def __post_init__(self) -> None:
        if self.filler_messages < 0:
            least = self.messages - self.filler_messages
            raise ValueError(f"{self.messages} messages are too few: the people who are measured have {least}")

    @property
    def filler_messages(self) -> int:
        return self.messages - sum(group.total for group in self.groups)

    @property
    def filler_talks(self) -> int:
        return ceil(self.filler_messages / FILLER_MESSAGES)

    @property
    def measured(self) -> int:
        return sum(group.people for group in self.groups)

    @property
    def others(self) -> int:
        """Enough that each measured person has another partner in every conversation; they grow with the messages."""
        widest = max(group.conversations for group in self.groups)
        return max(widest, 2 * self.filler_talks // CONVERSATIONS_PER_PERSON, 2 * CONVERSATIONS_PER_PERSON)

    @property
    def people(self) -> int:
        return self.measured + self.others

    @cached_property
    def begins(self) -> int:
        """The first message, in milliseconds since 1970."""
        return int((self.now.astimezone(UTC) - _HISTORY).timestamp() * 1000)

    @cached_property
    def step(self) -> int:
        """Milliseconds from one message to the next, whoever sends it."""
        return max(1, int(_HISTORY.total_seconds() * 1000) // (self.messages + 1))

    def group(self, name: str) -> list[Person]:
        """The people of a group."""
        person = talk = 0
        for group in self.groups:
            if group.name == name:
                ranges = (talk + at * group.conversations for at in range(group.people))
                return [Person(person + at, range(s, s + group.conversations)) for at, s in enumerate(ranges)]
            person += group.people
            talk += group.people * group.conversations
        raise KeyError(name)

    def talks(self) -> Iterator[Talk]:
        """Every conversation, those of the groups first."""
        number = person = 0
        for group in self.groups:
            for one in range(person, person + group.people):
                for at in range(group.conversations):
                    partner = self.measured + (one + at) % self.others
                    yield Talk(number, (one, partner), group.length(at))
                    number += 1
            person += group.people
        left = self.filler_messages
        for at in range(self.filler_talks):
            turn, one = divmod(at, self.others)
            pair = (self.measured + one, self.measured + (one + turn + 1) % self.others)
            yield Talk(number + at, pair, min(left, FILLER_MESSAGES))
            left -= FILLER_MESSAGES

    def user_id(self, number: int) -> UUID:
        return UUID(self.user_key(number))

    def user_key(self, number: int) -> str:
        return version_7(self.begins - 1 - scattered(number), 1, number)

    def session_id(self, number: int) -> UUID:
        return UUID(version_7(self.begins - 1 - scattered(number), 2, number))

    def conversation_key(self, number: int) -> str:
        return version_7(self.begins - 1 - scattered(number), 3, number)


def sized(messages: int, now: datetime) -> Population:
    """What grows: four readers and a hundred senders who are the same at every size, among ever more others."""
    readers = Group("readers", people=4, conversations=100, messages=20, first_messages=60)
    senders = Group("senders", people=100, conversations=5, messages=2)
    return Population((readers, senders), messages, now)


def speedy(now: datetime) -> Population:
    """What the figures of one size are measured on."""
    readers = Group("readers", people=32, conversations=100, messages=20, first_messages=60)
    wide = Group("wide", people=8, conversations=1_000, messages=2)
    senders = Group("senders", people=100, conversations=5, messages=2)
    return Population((readers, wide, senders), 100_000, now)
