"""What is new for readers since the seqs that their clients hold, in one snapshot: many polls at a time.

Polls that wait together are answered together. Each gets exactly what it would have been told alone: what is shared is
the snapshot, and the statements.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from chatsvc.column_types import wire_time
from chatsvc.db import AskPrimary, ReadSession, Statement
from chatsvc.errors import SyncEpochChanged
from chatsvc.queries.budget import News, Share, share_out, shown
from chatsvc.queries.heads import Difference, differences, heads_of
from chatsvc.queries.service_state import another_epoch
from chatsvc.queries.snapshots import Conversations, Range, conversations_by_id, messages_in
from chatsvc.queries.sync_items import Changes, Gap, GoneItem, Item, LimitedItem, OkItem, snapshot_item
from chatsvc.resources import Message, WireId

_ACTIVITY = Statement(
    """
    SELECT {id:c.id} AS id, {time:c.updated_at} AS updated_at FROM {ids} AS i JOIN conversations AS c ON c.id = i.id
    """,
    rows={"ids": {"id": "uuid"}},
)


@dataclass(frozen=True, slots=True)
class Poll:
    """What one client holds, by conversation, and how much it takes. With `joined` false only the named conversations
    are looked at."""

    reader_id: UUID
    sync_epoch: WireId | None
    after_seq_by_conversation: Mapping[WireId, int]
    limit: int
    messages_per_conversation: int
    joined: bool

    @property
    def weight(self) -> int:
        return 1 + len(self.after_seq_by_conversation) // 50 + self.limit // 20


@dataclass(frozen=True, slots=True)
class _Answer:
    """Which seqs of which conversations one poll is told of."""

    shares: list[Share]
    has_more: bool

    def ranges(self) -> Iterator[Range]:
        for share in shown(self.shares):
            yield _range(share)


async def changes(session: ReadSession, polls: Sequence[Poll]) -> list[Changes | SyncEpochChanged | AskPrimary]:
    """For each poll its answer; a conversation that is left out has nothing new, if `has_more` is false.

    One statement when there is nothing new, four at the most, however many polls there are.
    """
    epoch, heads = await heads_of(session, [poll.reader_id for poll in polls])
    refused = [another_epoch(poll.sync_epoch, epoch) for poll in polls]
    differing = [
        [] if no else differences(poll.after_seq_by_conversation, heads[str(poll.reader_id)], joined=poll.joined)
        for no, poll in zip(refused, polls, strict=True)
    ]
    news = await _in_order_of_activity(session, differing)
    answers = [
        _Answer(*share_out(found, limit=poll.limit, snapshot=poll.messages_per_conversation))
        for poll, found in zip(polls, news, strict=True)
    ]
    ranges = [one for answer in answers for one in answer.ranges()]
    found = await conversations_by_id(session, [one.conversation_id for one in ranges])
    messages = await messages_in(session, ranges)
    now = wire_time(session.now)
    return [
        no
        or (AskPrimary() if session.on_replica and _takes_away(told) else None)
        or _changes(epoch, now, answer, found, messages)
        for no, told, answer in zip(refused, news, answers, strict=True)
    ]


async def _in_order_of_activity(session: ReadSession, differing: Sequence[Sequence[Difference]]) -> list[list[News]]:
    """As news, whose order matters only where there are several."""
    ids = {entry[0] for found in differing if len(found) > 1 for entry in found if entry[2] is not None}
    rows = await session.rows(_ACTIVITY, ids=[(one,) for one in ids]) if ids else ()
    activity = {row.id: row.updated_at for row in rows}
    return [[News(*entry, activity.get(entry[0])) for entry in found] for found in differing]


def _takes_away(news: Sequence[News]) -> bool:
    """Whether a client would drop something for it: a late replica may only be late."""
    return any(entry.status in ("gone", "reset") for entry in news)


def _changes(
    epoch: str, now: str, answer: _Answer, found: Conversations, messages: dict[Range, list[Message]]
) -> Changes:
    return Changes(
        sync_epoch=epoch,
        server_time=now,
        has_more=answer.has_more,
        users=found.users_of(share.news.conversation_id for share in shown(answer.shares)),
        conversations={share.news.conversation_id: _item(share, found, messages) for share in answer.shares},
    )


def _range(share: Share) -> Range:
    return Range(share.news.conversation_id, share.first_seq, share.last_seq)


def _item(share: Share, found: Conversations, messages: dict[Range, list[Message]]) -> Item:
    news, status = share.news, share.news.status
    if news.head_seq is None or status == "gone":
        return GoneItem("gone")
    if status in {"joined", "reset"}:
        return snapshot_item(status, _range(share), found, messages)
    common: dict[str, Any] = {
        "status": status,
        "conversation": found.by_id[news.conversation_id],
        "messages": messages.get(_range(share), []),
        "head_seq": news.head_seq,
    }
    if status == "limited":
        gap = Gap(from_seq=(news.after_seq or 0) + 1, to_seq=share.first_seq - 1)
        return LimitedItem(**common, from_seq=share.first_seq, has_earlier=share.first_seq > 1, gap=gap)
    return OkItem(**common, next_after_seq=share.last_seq, has_more=share.last_seq < news.head_seq)
