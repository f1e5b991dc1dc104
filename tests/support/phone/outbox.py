"""What was written and not yet acknowledged: one queue for each conversation, first in, first out."""

import sqlite3
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from uuid import uuid4

from tests.support.phone.store import Store


@dataclass(frozen=True)
class Outgoing:
    """`other_user_id`: whom a direct conversation is with, should the server lose it. `failure`: a code, for good."""

    client_message_id: str
    conversation_id: str
    content: str
    other_user_id: str | None
    failure: str | None


class Outbox:
    """It outlives everything but the phone: a new history, a conversation that is gone, being signed out."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def add(self, conversation_id: str, content: str, other_user_id: str | None) -> str:
        """The key is random: a number counted up would come twice after an old copy of this file was put back."""
        key = uuid4().hex
        with self._store.transaction():
            self._insert(key, "max(position) + 1", conversation_id, content, other_user_id)
        return key

    def put_back(self, own: Iterable[tuple[str, str, str, str | None]]) -> None:
        """Before all that waits: (key, conversation, content, whom with) in the order in which they were sent."""
        for key, conversation_id, content, other_user_id in reversed(list(own)):
            self._insert(key, "min(position) - 1", conversation_id, content, other_user_id)

    def _insert(self, key: str, position: str, conversation_id: str, content: str, other_user_id: str | None) -> None:
        place = f"(SELECT coalesce({position}, 0) FROM outbox)"
        statement = f"INSERT OR IGNORE INTO outbox VALUES (?, {place}, ?, ?, ?, NULL)"
        self._store.run(statement, key, conversation_id, content, other_user_id)

    def waiting(self) -> list[Outgoing]:
        return [item for item in self.all() if item.failure is None]

    def failed(self) -> list[Outgoing]:
        """What a person must look at."""
        return [item for item in self.all() if item.failure is not None]

    def all(self) -> list[Outgoing]:
        return [_outgoing(row) for row in self._store.run("SELECT * FROM outbox ORDER BY position")]

    def next(self, count: int, *, without: Collection[str]) -> list[Outgoing]:
        """The first ones of all that wait, in order, but for some conversations."""
        return [item for item in self.waiting() if item.conversation_id not in without][:count]

    def acknowledge(self, key: str) -> None:
        self._store.run("DELETE FROM outbox WHERE client_message_id = ?", key)

    def fail(self, key: str, code: str) -> None:
        """For good: it surfaces, and what is behind it goes on."""
        self._store.run("UPDATE outbox SET failure = ? WHERE client_message_id = ?", code, key)

    def fail_all(self, conversation_id: str, code: str) -> None:
        self._store.run("UPDATE outbox SET failure = ? WHERE conversation_id = ?", code, conversation_id)

    def forget_failures(self) -> None:
        """They were the verdicts of another history."""
        self._store.run("UPDATE outbox SET failure = NULL")

    def readdress(self, conversation_id: str, new_id: str) -> None:
        self._store.run("UPDATE outbox SET conversation_id = ? WHERE conversation_id = ?", new_id, conversation_id)


def _outgoing(row: sqlite3.Row) -> Outgoing:
    return Outgoing(*(row[name] for name in Outgoing.__dataclass_fields__))
