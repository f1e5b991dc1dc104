"""What the server told: conversations with a cursor each, messages, and the holes that were jumped over.

Up to its cursor a conversation is whole, but for its holes. Beyond it may lie own messages, known from the answer to
their sending; `changes` brings them again, with all that lies between.
"""

import json
from collections.abc import Iterable
from typing import Any

from tests.support.phone.outbox import Outbox
from tests.support.phone.store import Store

Item = dict[str, Any]
FIELDS = ("conversation_id", "seq", "id", "sender_id", "client_message_id", "content", "created_at")


class BrokenPromise(AssertionError):
    """The server said what the contract rules out."""


class Mirror:
    """Every method that writes is called within a transaction."""

    def __init__(self, store: Store, outbox: Outbox) -> None:
        self._store, self._outbox = store, outbox

    def cursors(self) -> dict[str, int]:
        return {row["id"]: row["cursor"] for row in self._store.run("SELECT id, cursor FROM conversations")}

    def conversations(self) -> dict[str, Item]:
        return {row["id"]: json.loads(row["body"]) for row in self._store.run("SELECT id, body FROM conversations")}

    def messages(self, conversation_id: str) -> list[Item]:
        order = "SELECT * FROM messages WHERE conversation_id = ? ORDER BY seq"
        return [dict(row) for row in self._store.run(order, conversation_id)]

    def holes(self) -> list[tuple[str, int, int]]:
        """(conversation, first seq, last seq)."""
        return [tuple(row) for row in self._store.run("SELECT * FROM holes ORDER BY conversation_id, from_seq")]

    def users(self) -> dict[str, Item]:
        return {row["id"]: json.loads(row["body"]) for row in self._store.run("SELECT id, body FROM users")}

    def hold(self, conversation: Item) -> None:
        """A conversation that is known and of which nothing is held yet."""
        statement = "INSERT OR IGNORE INTO conversations VALUES (?, 0, ?)"
        self._store.run(statement, conversation["id"], json.dumps(conversation))

    def know(self, users: Iterable[Item]) -> None:
        """Profiles, unless a newer one is held."""
        for user in users:
            self._store.run(
                "INSERT INTO users VALUES (?, ?, ?) ON CONFLICT (id) DO UPDATE SET body = excluded.body, "
                "updated_at = excluded.updated_at WHERE excluded.updated_at >= updated_at",
                user["id"], json.dumps(user), user["updated_at"],
            )  # fmt: skip

    def strangers(self) -> set[str]:
        """Members of conversations of whom nothing else is known."""
        talks = self.conversations().values()
        return {member["user_id"] for talk in talks for member in talk["members"]} - self.users().keys()

    def put(self, message: Item) -> None:
        """One message, wherever it was told. An own one is acknowledged by it. What is held is never overwritten: a
        seq that is another message belongs to another history, and the epoch will tell."""
        values = [message[field] for field in FIELDS]
        if self._store.run("INSERT OR IGNORE INTO messages VALUES (?, ?, ?, ?, ?, ?, ?) RETURNING 1", *values):
            self._close_hole(message["conversation_id"], message["seq"])
        if message["sender_id"] == self._store.fact("user_id"):
            self._outbox.acknowledge(message["client_message_id"])

    def drop(self, conversation_id: str) -> None:
        """All of it. Never the outbox."""
        self._store.run("DELETE FROM conversations WHERE id = ?", conversation_id)
        for table in ("messages", "holes"):
            self._store.run(f"DELETE FROM {table} WHERE conversation_id = ?", conversation_id)

    def begin_history(self) -> None:
        """Another history: drop all that was told, and put back into the outbox what was one's own. What the new one
        holds of it acknowledges it again, and sending the rest under its old key is exact."""
        others, me = self.others(), self._store.fact("user_id")
        own = self._store.run("SELECT * FROM messages WHERE sender_id = ? ORDER BY conversation_id, seq", me)
        self._outbox.put_back(
            (row["client_message_id"], row["conversation_id"], row["content"], others.get(row["conversation_id"]))
            for row in own
        )
        self._outbox.forget_failures()
        for table in ("conversations", "messages", "holes"):
            self._store.run(f"DELETE FROM {table}")

    def others(self) -> dict[str, str]:
        """Whom each direct conversation is with."""
        me = self._store.fact("user_id")
        return {
            key: member["user_id"]
            for key, conversation in self.conversations().items()
            for member in conversation["members"]
            if conversation["type"] == "direct" and member["user_id"] != me
        }

    def apply(self, conversation_id: str, item: Item, asked: int | None = None) -> bool:
        """Take one item of an answer in. False if it moved nothing: it came too late, or its status is not known."""
        cursor = self.cursors().get(conversation_id)
        match item["status"]:
            case "ok":
                return cursor is not None and self._follow(conversation_id, cursor, item, asked)
            case "limited":
                return cursor is not None and self._jump(conversation_id, cursor, item)
            case "joined":
                return self._begin(conversation_id, -1 if cursor is None else cursor, item)
            case "reset":
                self.drop(conversation_id)
                return self._begin(conversation_id, -1, item)
            case "gone":
                self.drop(conversation_id)
                return cursor is not None
        return False

    def _follow(self, conversation_id: str, cursor: int, item: Item, asked: int | None) -> bool:
        seqs, last = [message["seq"] for message in item["messages"]], item["next_after_seq"]
        first = last - len(seqs) + 1
        if not seqs or seqs != list(range(first, last + 1)) or asked not in {None, first - 1}:
            raise BrokenPromise(f"asked after {asked}, got {seqs} up to {last}")
        if last <= cursor or first > cursor + 1:
            return False
        self._take(conversation_id, item, last)
        return True

    def _jump(self, conversation_id: str, cursor: int, item: Item) -> bool:
        if item["head_seq"] < cursor or item["gap"]["from_seq"] > cursor + 1:
            return False
        self._take(conversation_id, item, item["head_seq"])
        self.open_hole(conversation_id, cursor + 1, item["from_seq"] - 1)
        return bool(item["head_seq"] > cursor)

    def _begin(self, conversation_id: str, cursor: int, item: Item) -> bool:
        """A snapshot in place of all that it speaks of: what lies beyond its head was acknowledged since."""
        head = item["head_seq"]
        if head < cursor:
            return False
        self._store.run("DELETE FROM holes WHERE conversation_id = ?", conversation_id)
        self._store.run("DELETE FROM messages WHERE conversation_id = ? AND seq <= ?", conversation_id, head)
        self._take(conversation_id, item, head)
        self.open_hole(conversation_id, 1, item["from_seq"] - 1)
        return True

    def _take(self, conversation_id: str, item: Item, cursor: int) -> None:
        for message in item["messages"]:
            self.put(message)
        replace = "INSERT OR REPLACE INTO conversations VALUES (?, ?, ?)"
        self._store.run(replace, conversation_id, cursor, json.dumps(item["conversation"]))

    def open_hole(self, conversation_id: str, first: int, last: int) -> None:
        """All of these that are not held."""
        held = "SELECT seq FROM messages WHERE conversation_id = ? AND seq BETWEEN ? AND ? ORDER BY seq"
        for seq in [*(row["seq"] for row in self._store.run(held, conversation_id, first, last)), last + 1]:
            if first < seq:
                self._store.run("INSERT INTO holes VALUES (?, ?, ?)", conversation_id, first, seq - 1)
            first = seq + 1

    def _close_hole(self, conversation_id: str, seq: int) -> None:
        around = "DELETE FROM holes WHERE conversation_id = ?1 AND ?2 BETWEEN from_seq AND to_seq RETURNING *"
        for _, first, last in self._store.run(around, conversation_id, seq):
            for left, right in ((first, seq - 1), (seq + 1, last)):
                if left <= right:
                    self._store.run("INSERT INTO holes VALUES (?, ?, ?)", conversation_id, left, right)
