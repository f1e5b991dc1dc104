"""Sending: a set of messages in a fixed handful of statements, each with a result or an error of its own.

One transaction does it: lock the counters, look at what is stored, decide in order of arrival, write. The seq of a
message is taken under its counter's lock, held to the commit, so that the order of seqs is the order of commits.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from chatsvc.commands.message_statements import (
    BUMP_COUNTERS,
    FIND_MEMBERS,
    FIND_STORED,
    INSERT_MESSAGES,
    LOCK_COUNTERS,
    UPDATE_CONVERSATIONS,
)
from chatsvc.db import RunAgain, Tx
from chatsvc.errors import ChatError, ConversationNotFound, IdempotencyConflict, RateLimited
from chatsvc.ids import new_id
from chatsvc.resources import Message

PREVIEW_CHARACTERS = 120


@dataclass(frozen=True, slots=True)
class OutgoingMessage:
    conversation_id: UUID
    client_message_id: str
    content: str


@dataclass(frozen=True, slots=True)
class SendMessages:
    """What one caller sends, in order. At most `allowed` new ones are taken (None: any number); `retry_after` is what
    the others are told, in seconds."""

    sender_id: UUID
    messages: tuple[OutgoingMessage, ...]
    allowed: int | None = None
    retry_after: int | None = None


@dataclass(frozen=True, slots=True)
class SentMessage:
    """`created` is false for the first result of a message that was sent before."""

    message: Message
    created: bool


Result = SentMessage | ChatError
_Key = tuple[UUID, str]


@dataclass(slots=True)
class _Conversation:
    """A locked conversation: the seq it had, the one to give next, its latest activity and newest content."""

    first_seq: int
    next_seq: int
    latest: datetime
    preview: str = ""


async def send_messages(tx: Tx, units: Sequence[SendMessages]) -> tuple[tuple[Result, ...], ...]:
    """For each unit, for each of its messages: the message, new or as it was stored first, or a ChatError.

    Errors: IdempotencyConflict (looked at before membership), ConversationNotFound, RateLimited. Nothing is written for
    what is refused. Raises RunAgain when another transaction has committed one of the keys meanwhile.
    """
    locked = await _lock(tx, units)
    seen = await _stored(tx, units)
    members = await _members(tx, units, locked)
    new: list[Message] = []
    results = tuple(_decide(tx.now, unit, members, seen, new) for unit in units)
    if new:
        await _write(tx, members, new)
    return results


async def _lock(tx: Tx, units: Sequence[SendMessages]) -> dict[UUID, int]:
    pairs = {(unit.sender_id, message.conversation_id) for unit in units for message in unit.messages}
    return {row.conversation_id: row.next_seq for row in await tx.rows(LOCK_COUNTERS, pairs=sorted(pairs))}


async def _stored(tx: Tx, units: Sequence[SendMessages]) -> dict[_Key, Message]:
    """In a statement of its own, and so in a fresh snapshot: the lock's would miss what the lock waited for."""
    keys = {(unit.sender_id, message.client_message_id) for unit in units for message in unit.messages}
    rows = await tx.rows(FIND_STORED, keys=sorted(keys))
    return {(row.sender_id, row.client_message_id): Message.model_validate(row) for row in rows}


async def _members(
    tx: Tx, units: Sequence[SendMessages], locked: dict[UUID, int]
) -> dict[tuple[UUID, UUID], _Conversation]:
    """Who may send where, with one shared state for each conversation."""
    senders = {(unit.sender_id, message.conversation_id) for unit in units for message in unit.messages}
    rows = await tx.rows(FIND_MEMBERS, pairs=sorted(pair for pair in senders if pair[1] in locked))
    states: dict[UUID, _Conversation] = {}
    for row in rows:
        seq = locked[row.conversation_id]
        states.setdefault(row.conversation_id, _Conversation(seq, seq, row.updated_at))
    return {(row.user_id, row.conversation_id): states[row.conversation_id] for row in rows}


def _decide(
    now: datetime,
    unit: SendMessages,
    members: dict[tuple[UUID, UUID], _Conversation],
    seen: dict[_Key, Message],
    new: list[Message],
) -> tuple[Result, ...]:
    """In order of arrival. A refused first copy leaves its key to the next copy."""
    results: list[Result] = []
    left = len(unit.messages) if unit.allowed is None else unit.allowed
    for wanted in unit.messages:
        key = (unit.sender_id, wanted.client_message_id)
        conversation = members.get((unit.sender_id, wanted.conversation_id))
        if (stored := seen.get(key)) is not None:
            results.append(_replay(stored, wanted))
        elif conversation is None:
            results.append(ConversationNotFound())
        elif left == 0:
            results.append(RateLimited(retry_after=unit.retry_after))
        else:
            left -= 1
            seen[key] = message = _take_seq(now, unit.sender_id, wanted, conversation)
            new.append(message)
            results.append(SentMessage(message, created=True))
    return tuple(results)


def _replay(stored: Message, wanted: OutgoingMessage) -> Result:
    if (stored.conversation_id, stored.content) == (wanted.conversation_id, wanted.content):
        return SentMessage(stored, created=False)
    conversation_id = str(stored.conversation_id)
    return IdempotencyConflict(
        details={"message_id": str(stored.id), "conversation_id": conversation_id, "seq": stored.seq}
    )


def _take_seq(now: datetime, sender_id: UUID, wanted: OutgoingMessage, conversation: _Conversation) -> Message:
    # A clock that went back must not make the newest message older than the one before it.
    conversation.latest = max(now, conversation.latest)
    message = Message(
        id=new_id(),
        conversation_id=wanted.conversation_id,
        sender_id=sender_id,
        client_message_id=wanted.client_message_id,
        seq=conversation.next_seq,
        content=wanted.content,
        created_at=conversation.latest,
    )
    conversation.next_seq += 1
    conversation.preview = wanted.content[:PREVIEW_CHARACTERS]
    return message


async def _write(tx: Tx, members: dict[tuple[UUID, UUID], _Conversation], new: list[Message]) -> None:
    # Sorted by key, as every other transaction does: nobody waits for a key in another order.
    rows = [
        (m.id, m.conversation_id, m.sender_id, m.client_message_id, m.seq, m.content, m.created_at)
        for m in sorted(new, key=lambda m: (m.sender_id, m.client_message_id))
    ]
    if len(await tx.rows(INSERT_MESSAGES, messages=rows)) < len(rows):
        raise RunAgain  # another transaction, under another counter, has committed one of the keys: look again
    changed = {key: state for (_, key), state in members.items() if state.next_seq > state.first_seq}
    bumps = [(key, state.first_seq, state.next_seq) for key, state in sorted(changed.items())]
    if len(await tx.rows(BUMP_COUNTERS, counters=bumps)) < len(bumps):
        raise RunAgain
    previews = [(key, state.preview, state.latest) for key, state in sorted(changed.items())]
    await tx.rows(UPDATE_CONVERSATIONS, conversations=previews)
    tx.changed.update(changed)
