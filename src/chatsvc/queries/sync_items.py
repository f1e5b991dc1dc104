"""What a sync answer is made of: one item a conversation, with a verdict in `status`."""

from dataclasses import dataclass
from typing import Annotated, Literal

from pydantic import Field

from chatsvc.queries.snapshots import Conversations, Range
from chatsvc.resources import Conversation, Message, User, WireId, WireTime


@dataclass(slots=True)
class OkItem:
    """Messages from exactly the next seq on, none missing; `next_after_seq` is the last one here."""

    status: Literal["ok"]
    conversation: Conversation
    messages: list[Message]
    next_after_seq: int
    head_seq: int
    has_more: bool


@dataclass(slots=True)
class SnapshotItem:
    """The latest messages, ending at `head_seq`: `joined` replaces what is held, `reset` says to drop it first."""

    status: Literal["joined", "reset"]
    conversation: Conversation
    messages: list[Message]
    from_seq: int
    head_seq: int
    has_earlier: bool


@dataclass(slots=True)
class Gap:
    """What was jumped over, both seqs included: it can be filled from history."""

    from_seq: int
    to_seq: int


@dataclass(slots=True)
class LimitedItem:
    """A snapshot in place of more messages than are handed over one by one: keep all below the gap."""

    status: Literal["limited"]
    conversation: Conversation
    messages: list[Message]
    from_seq: int
    head_seq: int
    has_earlier: bool
    gap: Gap


@dataclass(slots=True)
class GoneItem:
    """The reader is not in this conversation, or it never was."""

    status: Literal["gone"]


Item = Annotated[OkItem | SnapshotItem | LimitedItem | GoneItem, Field(discriminator="status")]


@dataclass(slots=True)
class Changes:
    sync_epoch: WireId
    server_time: WireTime
    has_more: bool
    users: list[User]
    conversations: dict[WireId, Item]


@dataclass(slots=True)
class Bootstrap:
    sync_epoch: WireId
    server_time: WireTime
    me: User
    users: list[User]
    conversations: list[SnapshotItem]
    next_cursor: str | None


def latest_range(conversation_id: str, head_seq: int, count: int) -> Range:
    """The seqs of the latest `count` messages."""
    return Range(conversation_id, max(1, head_seq - count + 1), head_seq)


def snapshot_item(
    status: Literal["joined", "reset"], shown: Range, found: Conversations, messages: dict[Range, list[Message]]
) -> SnapshotItem:
    return SnapshotItem(
        status=status,
        conversation=found.by_id[shown.conversation_id],
        messages=messages.get(shown, []),
        from_seq=shown.first_seq,
        head_seq=shown.last_seq,
        has_earlier=shown.first_seq > 1,
    )
