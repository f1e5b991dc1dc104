"""Every table, constraint and index. SQLite and Postgres get the same ones, made by migrations/.

Table models do not validate: what comes from outside is checked in `api`, and the CHECKs below are the last line.
Every time is aware, in UTC, cut to the millisecond. Ids are UUIDs of version 7.
"""

from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, Integer, MetaData, Text, text
from sqlalchemy import UniqueConstraint as Unique
from sqlmodel import Field, SQLModel

from chatsvc.column_types import ExactText, Id, UTCTime

metadata = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
    }
)

STAYS = "stays"
"""In a column's `info`: true of this database alone, and not copied to another."""
MADE_WITH_SCHEMA = "made_with_schema"
"""In a table's `info`: an empty database has its row."""


# On SQLite: looked up in one tree, not in an index and then in the table. For short rows asked for by their key.
_BY_ITS_KEY = {"sqlite_with_rowid": False}


class Table(SQLModel):
    """The base of every table, on a metadata with names for all constraints."""

    metadata: ClassVar[MetaData] = metadata


def _id(*args: Any, **column: Any) -> Any:
    return Field(sa_type=Id, sa_column_args=args, **column)


def _key(reference: str | None = None) -> Any:
    """A part of the primary key, with the row it belongs to."""
    args = (ForeignKey(reference),) if reference else ()
    return Field(sa_type=Id, sa_column_args=args, primary_key=True)


def _time(**column: Any) -> Any:
    return Field(sa_type=UTCTime, **column)


def _maybe_time() -> Any:
    return Field(default=None, sa_type=UTCTime)


def _text(**column: Any) -> Any:
    return Field(sa_type=Text, **column)


def _exact(**column: Any) -> Any:
    """Text that is compared and sorted by code point on both databases."""
    return Field(sa_type=ExactText, **column)


def _big(**column: Any) -> Any:
    return Field(sa_type=BigInteger, **column)


_ENABLED = text("disabled_at IS NULL")


class User(Table, table=True):
    """`username` is stored folded; `display_name_folded` is what searching compares with.

    Who is disabled cannot sign in, and nobody can write to them; who is deleted is disabled for ever, under a name that
    tells nothing.
    """

    __tablename__ = "users"
    __table_args__ = (
        Unique("username"),
        CheckConstraint("deleted_at IS NULL OR disabled_at IS NOT NULL", name="deleted_is_disabled"),
        CheckConstraint("length(username) BETWEEN 3 AND 32", name="username_length"),
        CheckConstraint("length(display_name) BETWEEN 1 AND 64", name="display_name_length"),
        Index(None, "display_name_folded"),
        # For searching: beside it any number of the deleted, whose names begin alike, cost nothing.
        Index("ix_users_username_enabled", "username", sqlite_where=_ENABLED, postgresql_where=_ENABLED),
    )
    id: UUID = _key()
    username: str = _exact()
    display_name: str = _text()
    display_name_folded: str = _exact()
    password_hash: str = _text()
    created_at: datetime = _time()
    updated_at: datetime = _time()
    disabled_at: datetime | None = _maybe_time()
    deleted_at: datetime | None = _maybe_time()


class Session(Table, table=True):
    """One login. Its refresh tokens form a chain; `last_used_token_id` is the newest one that was presented."""

    __tablename__ = "sessions"
    __table_args__ = (
        CheckConstraint("(ended_at IS NULL) = (end_reason IS NULL)", name="end_has_reason"),
        Index(None, "user_id"),
        Index(None, "expires_at"),
    )
    id: UUID = _key()
    user_id: UUID = _id(ForeignKey("users.id"))
    device_name: str | None = Field(default=None, sa_type=Text)
    created_at: datetime = _time()
    last_used_at: datetime = _time()
    expires_at: datetime = _time()
    ended_at: datetime | None = _maybe_time()
    end_reason: str | None = Field(default=None, sa_type=Text)
    last_used_token_id: UUID | None = Field(default=None, sa_type=Id)


class RefreshToken(Table, table=True):
    """Stored as a SHA-256. Spent when `revoked_at` is set; `replaced_by_token_id` is the successor whose use did it."""

    __tablename__ = "refresh_tokens"
    __table_args__ = (
        Unique("token_hash"),
        CheckConstraint("length(token_hash) = 64", name="token_hash_length"),
        Index(None, "session_id"),
        Index(None, "parent_id"),
        Index(None, "expires_at"),
    )
    id: UUID = _key()
    user_id: UUID = _id(ForeignKey("users.id"))
    session_id: UUID = _id(ForeignKey("sessions.id"))
    parent_id: UUID | None = _id(ForeignKey("refresh_tokens.id", ondelete="SET NULL"), default=None)
    token_hash: str = _exact()
    issued_at: datetime = _time()
    expires_at: datetime = _time()
    revoked_at: datetime | None = _maybe_time()
    replaced_by_token_id: UUID | None = Field(default=None, sa_type=Id)


class Conversation(Table, table=True):
    """`direct_key` is the sorted pair of a direct conversation's members: one conversation for a pair, ever.

    `closed_at` is set while one of them is disabled: nothing can be sent.
    """

    __tablename__ = "conversations"
    __table_args__ = (
        Unique("direct_key"),
        CheckConstraint("type IN ('direct')", name="type_known"),
        CheckConstraint("(type = 'direct') = (direct_key IS NOT NULL)", name="direct_has_key"),
        CheckConstraint("length(last_message_preview) <= 120", name="preview_length"),
        CheckConstraint("(last_message_preview IS NULL) = (last_message_at IS NULL)", name="preview_has_time"),
    )
    id: UUID = _key()
    type: str = _text()
    direct_key: str | None = Field(default=None, sa_type=ExactText)
    created_at: datetime = _time()
    updated_at: datetime = _time()
    last_message_preview: str | None = Field(default=None, sa_type=Text)
    last_message_at: datetime | None = _maybe_time()
    closed_at: datetime | None = _maybe_time()


class ConversationMember(Table, table=True):
    __tablename__ = "conversation_members"
    __table_args__ = (
        CheckConstraint("role IN ('member')", name="role_known"),
        Index(None, "user_id", "conversation_id"),
        _BY_ITS_KEY,
    )
    conversation_id: UUID = _key("conversations.id")
    user_id: UUID = _key("users.id")
    joined_at: datetime = _time()
    role: str = _text()


class ConversationCounter(Table, table=True):
    """The next seq of a conversation. Its row is the lock under which seqs are taken, held to the commit."""

    __tablename__ = "conversation_counters"
    __table_args__ = (CheckConstraint("next_seq >= 1", name="next_seq_from_one"), _BY_ITS_KEY)
    conversation_id: UUID = _key("conversations.id")
    next_seq: int = _big()


class Message(Table, table=True):
    __tablename__ = "messages"
    __table_args__ = (
        Unique("sender_id", "client_message_id"),
        Unique("conversation_id", "seq"),
        CheckConstraint("seq >= 1", name="seq_from_one"),
        CheckConstraint("length(content) BETWEEN 1 AND 4000", name="content_length"),
        CheckConstraint("length(client_message_id) BETWEEN 1 AND 64", name="client_message_id_length"),
    )
    id: UUID = _key()
    conversation_id: UUID = _id(ForeignKey("conversations.id"))
    sender_id: UUID = _id(ForeignKey("users.id"))
    client_message_id: str = _exact()
    seq: int = _big()
    content: str = _text()
    created_at: datetime = _time()


class AuthEvent(Table, table=True):
    """The audit log of authentication. Append-only: a trigger refuses updates; old rows are pruned whole.

    No foreign keys: an entry outlives whom it speaks of. `username` is what was typed, folded and cut.
    """

    __tablename__ = "auth_events"
    __table_args__ = (Index(None, "at"), Index(None, "user_id", "at"))
    id: UUID = _key()
    at: datetime = _time()
    event: str = _text()
    outcome: str = _text()
    user_id: UUID | None = Field(default=None, sa_type=Id)
    session_id: UUID | None = Field(default=None, sa_type=Id)
    username: str | None = Field(default=None, sa_type=Text)
    ip: str | None = Field(default=None, sa_type=Text)
    request_id: str | None = Field(default=None, sa_type=Text)


class RateLimit(Table, table=True):
    """When an allowance will be whole again, where replicas share them. A row in the past says nothing."""

    __tablename__ = "rate_limits"
    __table_args__ = (Index(None, "full_at"),)
    key: str = Field(sa_type=ExactText, primary_key=True)
    full_at: datetime = _time()


class ServiceState(Table, table=True):
    """One row: what is true of this database as a whole. `sync_epoch` names its history; since `moved_at` the data are
    elsewhere, and it is not served. `oldest_code` is the oldest that may run on this schema, named by its newest
    migration."""

    __tablename__ = "service_state"
    __table_args__ = (CheckConstraint("id = 1", name="one_row"), {"info": {MADE_WITH_SCHEMA: True}})
    id: int = Field(sa_type=Integer, primary_key=True, sa_column_kwargs={"autoincrement": False})
    sync_epoch: UUID = _id()
    moved_at: datetime | None = Field(default=None, sa_type=UTCTime, sa_column_kwargs={"info": {STAYS: True}})
    # Not STAYS: a copy makes the row anew, between databases that are at the same revision.
    oldest_code: str | None = Field(default=None, sa_type=Text)
