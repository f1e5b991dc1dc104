"""What a sync answer is made of: one item a conversation, with a verdict in `status`."""

from typing import Annotated, Literal
from uuid import UUID

from pydantic import BaseModel, Field

from chatsvc.queries.snapshots import Conversations, Range
from chatsvc.resources import Conversation, Message, Timestamp, User


class OkItem(BaseModel):
    """Messages from exactly the next seq on, none missing; `next_after_seq` is the last one here."""

    status: Literal["ok"] = "ok"
    conversation: Conversation
    messages: list[Message]
    next_after_seq: int
    head_seq: int
    has_more: bool


class SnapshotItem(BaseModel):
    """The latest messages, ending at `head_seq`: `joined` replaces what is held, `reset` says to drop it first."""

    status: Literal["joined", "reset"]
    conversation: Conversation
    messages: list[Message]
    from_seq: int
    head_seq: int
    has_earlier: bool


class Gap(BaseModel):
    """What was jumped over, both seqs included: it can be filled from history."""

    from_seq: int
    to_seq: int


class LimitedItem(BaseModel):
    """A snapshot in place of more messages than are handed over one by one: keep all below the gap."""

    status: Literal["limited"] = "limited"
    conversation: Conversation
    messages: list[Message]
    from_seq: int
    head_seq: int
    has_earlier: bool
    gap: Gap


class GoneItem(BaseModel):
    """The reader is not in this conversation, or it never was."""

    status: Literal["gone"] = "gone"


Item = Annotated[OkItem | SnapshotItem | LimitedItem | GoneItem, Field(discriminator="status")]


class Changes(BaseModel):
    sync_epoch: UUID
    server_time: Timestamp
    has_more: bool
    users: list[User]
    conversations: dict[UUID, Item]


class Bootstrap(BaseModel):
    sync_epoch: UUID
    server_time: Timestamp
    me: User
    users: list[User]
    conversations: list[SnapshotItem]
    next_cursor: str | None


def latest_range(conversation_id: UUID, head_seq: int, count: int) -> Range:
    """The seqs of the latest `count` messages."""
    return Range(conversation_id, max(1, head_seq - count + 1), head_seq)


def snapshot_item(
    status: Literal["joined", "reset"], shown: Range, found: Conversations, messages: dict[UUID, list[Message]]
) -> SnapshotItem:
    return SnapshotItem(
        status=status,
        conversation=found.by_id[shown.conversation_id],
        messages=messages.get(shown.conversation_id, []),
        from_seq=shown.first_seq,
        head_seq=shown.last_seq,
        has_earlier=shown.first_seq > 1,
    )
