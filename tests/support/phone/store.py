"""The phone's own database: a file in which what belongs together is written in one transaction, or not at all."""

import json
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

_TABLES = """
CREATE TABLE IF NOT EXISTS facts (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS users (id TEXT PRIMARY KEY, body TEXT NOT NULL, updated_at TEXT NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS conversations (id TEXT PRIMARY KEY, cursor INTEGER NOT NULL, body TEXT NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS messages (
    conversation_id TEXT NOT NULL, seq INTEGER NOT NULL, id TEXT NOT NULL, sender_id TEXT NOT NULL,
    client_message_id TEXT NOT NULL, content TEXT NOT NULL, created_at TEXT NOT NULL,
    PRIMARY KEY (conversation_id, seq)
) STRICT;
CREATE TABLE IF NOT EXISTS holes (
    conversation_id TEXT NOT NULL, from_seq INTEGER NOT NULL, to_seq INTEGER NOT NULL,
    PRIMARY KEY (conversation_id, from_seq)
) STRICT;
CREATE TABLE IF NOT EXISTS outbox (
    client_message_id TEXT PRIMARY KEY, position INTEGER NOT NULL UNIQUE, conversation_id TEXT NOT NULL,
    content TEXT NOT NULL, other_user_id TEXT, failure TEXT
) STRICT;
"""


class Store:
    """SQLite with a few words of its own. Nothing is awaited between the begin and the end of a transaction."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._connection = sqlite3.connect(path, isolation_level=None)
        self._connection.row_factory = sqlite3.Row
        self._connection.executescript(f"PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; BEGIN; {_TABLES} COMMIT")

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All of it, or nothing when something is raised."""
        self._connection.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self._connection.execute("ROLLBACK")
            raise
        self._connection.execute("COMMIT")

    def run(self, statement: str, *values: Any) -> list[sqlite3.Row]:
        return self._connection.execute(statement, values).fetchall()

    def fact(self, name: str) -> Any:
        """One of the things that there is one of: a token, the epoch, who is signed in. None if it is not known."""
        rows = self.run("SELECT value FROM facts WHERE name = ?", name)
        return json.loads(rows[0]["value"]) if rows else None

    def keep(self, name: str, value: Any) -> None:
        self.run("INSERT OR REPLACE INTO facts VALUES (?, ?)", name, json.dumps(value))

    def copy_to(self, path: Path) -> None:
        """A copy of all that is committed, as a backup of the phone makes it."""
        with sqlite3.connect(path) as copy:
            self._connection.backup(copy)
        copy.close()

    def close(self) -> None:
        self._connection.close()
