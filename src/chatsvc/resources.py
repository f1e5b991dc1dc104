"""What both commands and queries return: users, conversations, messages, as the contract shows them."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, PlainSerializer, WithJsonSchema

from chatsvc.column_types import wire_time

Timestamp = Annotated[
    datetime,
    PlainSerializer(wire_time, when_used="json"),
    WithJsonSchema({"type": "string", "format": "date-time"}),
]
"""A moment that goes out as RFC 3339 in UTC with milliseconds and Z."""


class Resource(BaseModel):
    """Something the contract names, made from a row of the database."""

    model_config = ConfigDict(frozen=True, from_attributes=True)


class User(Resource):
    id: UUID
    username: str
    display_name: str
    created_at: Timestamp
    updated_at: Timestamp


class Member(Resource):
    user_id: UUID
    role: str
    joined_at: Timestamp


class Conversation(Resource):
    """`updated_at` is the time of the newest message, or else `created_at`; `head_seq` the newest seq, or 0."""

    id: UUID
    type: Literal["direct"]
    created_at: Timestamp
    updated_at: Timestamp
    last_message_preview: str | None
    last_message_at: Timestamp | None
    head_seq: int
    members: list[Member]


class Message(Resource):
    id: UUID
    conversation_id: UUID
    sender_id: UUID
    client_message_id: str
    seq: int
    content: str
    created_at: Timestamp
