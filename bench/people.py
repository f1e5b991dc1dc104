"""People, groups of them, and their conversations, by number. Ids follow from numbers alone."""

from dataclasses import dataclass

PASSWORD = "correct horse battery"  # noqa: S105 - of people who are made up


def version_7(milliseconds: int, kind: int, number: int) -> str:
    """A UUID of version 7 whose random part is a number, so that nobody has to remember it."""
    time = f"{milliseconds:012x}"
    return f"{time[:8]}-{time[8:]}-7{kind:03x}-8000-{number:012x}"


def scattered(number: int) -> int:
    """A time within a day, in no order: those who are measured stand among the others in every index."""
    return number * 2_654_435_761 % 86_400_000


@dataclass(frozen=True)
class Group:
    """People who are measured: each has conversations with others, a first one that is longer, and a session."""

    name: str
    people: int
    conversations: int
    messages: int
    first_messages: int = 0

    @property
    def total(self) -> int:
        return self.people * sum(self.length(at) for at in range(self.conversations))

    def length(self, at: int) -> int:
        return (self.first_messages or self.messages) if at == 0 else self.messages


@dataclass(frozen=True)
class Person:
    """A measured one: the numbers of the conversations that are theirs, in order."""

    number: int
    conversations: range


@dataclass(frozen=True)
class Talk:
    """A direct conversation: its number, its two members, and how many messages it has."""

    number: int
    members: tuple[int, int]
    messages: int


def username(number: int) -> str:
    return f"person{number}"
