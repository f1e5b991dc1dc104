"""What both commands and queries return: users, conversations, messages, as the contract shows them.

The values are those that go over the wire: the databases hand them over as text, and nothing parses an id or a time
only to print it again. Not pydantic models: making one costs ten times as much, and a page holds hundreds.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import PlainSerializer, WithJsonSchema

from chatsvc.column_types import wire_time

_MOMENT = WithJsonSchema({"type": "string", "format": "date-time"})

Timestamp = Annotated[datetime, PlainSerializer(wire_time, when_used="json"), _MOMENT]
"""A moment that goes out as RFC 3339 in UTC with milliseconds and Z."""

WireTime = Annotated[str, _MOMENT]
"""The text of such a moment. It sorts by time."""

WireId = Annotated[str, WithJsonSchema({"type": "string", "format": "uuid"})]
"""The 36 lower-case characters of a UUID. They sort as the UUID does."""


@dataclass(slots=True)
class User:
    id: WireId
    username: str
    display_name: str
    created_at: WireTime
    updated_at: WireTime

    @classmethod
    def of(cls, row: Any) -> "User":
        """From a row of the table, whose ids and times are objects."""
        times = wire_time(row.created_at), wire_time(row.updated_at)
        return cls(str(row.id), row.username, row.display_name, *times)


@dataclass(slots=True)
class Member:
    user_id: WireId
    role: str
    joined_at: WireTime


@dataclass(slots=True)
class Conversation:
    """`updated_at` is the time of the newest message, or else `created_at`; `head_seq` the newest seq, or 0."""

    id: WireId
    type: Literal["direct"]
    created_at: WireTime
    updated_at: WireTime
    last_message_preview: str | None
    last_message_at: WireTime | None
    head_seq: int
    members: list[Member]


@dataclass(slots=True)
class Message:
    id: WireId
    conversation_id: WireId
    sender_id: WireId
    client_message_id: str
    seq: int
    content: str
    created_at: WireTime
