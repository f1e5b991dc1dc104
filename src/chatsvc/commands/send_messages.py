"""Sending: a set of messages in a fixed handful of statements, each with a result or an error of its own.

One transaction does it: lock the counters, look at what is stored, decide in order of arrival, write. The seq of a
message is taken under its counter's lock, held to the commit, so that the order of seqs is the order of commits.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from chatsvc.column_types import wire_time
from chatsvc.commands.message_statements import LOCK_COUNTERS, LOOK, WRITE
from chatsvc.db import RunAgain, Tx
from chatsvc.errors import ChatError, ConversationNotFound, IdempotencyConflict, RateLimited, UserNotFound
from chatsvc.ids import new_id
from chatsvc.resources import Message, WireId, WireTime

PREVIEW_CHARACTERS = 120


@dataclass(frozen=True, slots=True)
class OutgoingMessage:
    conversation_id: WireId
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

    @property
    def weight(self) -> int:
        return len(self.messages)


@dataclass(frozen=True, slots=True)
class SentMessage:
    """`created` is false for the first result of a message that was sent before."""

    message: Message
    created: bool


Result = SentMessage | ChatError
_Key = tuple[str, str]


@dataclass(slots=True)
class _Conversation:
    """A locked conversation: the seq it had, the one to give next, its latest activity and newest content."""

    id: WireId
    first_seq: int
    next_seq: int
    latest: WireTime
    preview: str = ""


@dataclass(slots=True)
class _Item:
    """What a unit sends, with the conversation if its sender is a member; `closed` if somebody in it is disabled. `key`
    names it for ever."""

    sender_id: WireId
    wanted: OutgoingMessage
    key: _Key
    conversation: _Conversation | None = None
    closed: bool = False


async def send_messages(tx: Tx, units: Sequence[SendMessages]) -> tuple[tuple[Result, ...], ...]:
    """For each unit, for each of its messages: the message, new or as it was stored first, or a ChatError.

    Errors: IdempotencyConflict (looked at before membership), ConversationNotFound, UserNotFound where a member is
    disabled, RateLimited. Nothing is written for what is refused. Raises RunAgain when another transaction has
    committed one of the keys meanwhile. Three trips to the database, two where nothing is new.
    """
    items = [_items(unit) for unit in units]
    seen = await _look(tx, [item for of_unit in items for item in of_unit])
    new: list[tuple[Message, _Conversation]] = []
    now = wire_time(tx.now)
    results = tuple(_decide(now, unit, of_unit, seen, new) for unit, of_unit in zip(units, items, strict=True))
    if new:
        await _write(tx, new)
    return results


def _items(unit: SendMessages) -> list[_Item]:
    sender_id = str(unit.sender_id)
    return [_Item(sender_id, wanted, (sender_id, wanted.client_message_id)) for wanted in unit.messages]


async def _look(tx: Tx, items: list[_Item]) -> dict[_Key, Message]:
    """Lock the conversations, tell each item its own, and give what is stored."""
    pairs = sorted({(item.sender_id, item.wanted.conversation_id) for item in items})
    locked = dict(await tx.rows(LOCK_COUNTERS, pairs=pairs))
    asked = [(at, i.sender_id, i.wanted.conversation_id, i.wanted.client_message_id) for at, i in enumerate(items)]
    seen: dict[_Key, Message] = {}
    states: dict[str, _Conversation] = {}
    for place, latest, closed, *stored in await tx.rows(LOOK, items=asked):
        item = items[place]
        key = item.wanted.conversation_id
        if latest is not None and (seq := locked.get(key)) is not None:
            state = states.get(key)
            if state is None:
                state = states[key] = _Conversation(key, seq, seq, latest)
            item.conversation, item.closed = state, closed
        if stored[0] is not None:
            seen[item.key] = Message(*stored)
    return seen


def _decide(
    now: WireTime,
    unit: SendMessages,
    items: Sequence[_Item],
    seen: dict[_Key, Message],
    new: list[tuple[Message, _Conversation]],
) -> tuple[Result, ...]:
    """In order of arrival. A refused first copy leaves its key to the next copy."""
    results: list[Result] = []
    left = len(items) if unit.allowed is None else unit.allowed
    for item in items:
        if (stored := seen.get(item.key)) is not None:
            results.append(_replay(stored, item))
        elif item.conversation is None:
            results.append(ConversationNotFound())
        elif item.closed:
            results.append(UserNotFound())
        elif left == 0:
            results.append(RateLimited(retry_after=unit.retry_after))
        else:
            left -= 1
            seen[item.key] = message = _take_seq(now, item, item.conversation)
            new.append((message, item.conversation))
            results.append(SentMessage(message, created=True))
    return tuple(results)


def _replay(stored: Message, item: _Item) -> Result:
    if (stored.conversation_id, stored.content) == (item.wanted.conversation_id, item.wanted.content):
        return SentMessage(stored, created=False)
    return IdempotencyConflict(
        details={"message_id": stored.id, "conversation_id": stored.conversation_id, "seq": stored.seq}
    )


def _take_seq(now: WireTime, item: _Item, conversation: _Conversation) -> Message:
    # A clock that went back must not make the newest message older than the one before it.
    conversation.latest = max(now, conversation.latest)
    message = Message(
        id=str(new_id()),
        conversation_id=conversation.id,
        sender_id=item.sender_id,
        client_message_id=item.wanted.client_message_id,
        seq=conversation.next_seq,
        content=item.wanted.content,
        created_at=conversation.latest,
    )
    conversation.next_seq += 1
    conversation.preview = item.wanted.content[:PREVIEW_CHARACTERS]
    return message


def _row(m: Message) -> tuple[str | int, ...]:
    return m.id, m.conversation_id, m.sender_id, m.client_message_id, m.seq, m.content, m.created_at


async def _write(tx: Tx, new: list[tuple[Message, _Conversation]]) -> None:
    # Sorted by key, as every other transaction does: nobody waits for a key in another order.
    messages = sorted((message for message, _ in new), key=lambda m: (m.sender_id, m.client_message_id))
    changed = {message.conversation_id: conversation for message, conversation in new}
    ((inserted, bumped, _),) = await tx.rows(
        WRITE,
        messages=[_row(message) for message in messages],
        counters=[(key, state.first_seq, state.next_seq) for key, state in sorted(changed.items())],
        conversations=[(key, state.preview, state.latest) for key, state in sorted(changed.items())],
    )
    if inserted < len(messages) or bumped < len(changed):
        # Another transaction, under another counter, has committed one of the keys: look again.
        raise RunAgain
    tx.changed.update(map(UUID, changed))
