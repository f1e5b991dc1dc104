"""Sharing the size of one `changes` answer among the conversations that have something new. Pure arithmetic.

A gap-free numbering makes all of it possible before a single message is read: what waits in a conversation is its head
less the client's cursor.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from chatsvc.resources import WireId, WireTime

LIMITED_BEYOND = 1_000
"""With more messages than this waiting, a conversation is answered by a snapshot and a gap."""

Status = Literal["ok", "joined", "limited", "reset", "gone"]


@dataclass(frozen=True, slots=True)
class News:
    """A conversation with something to say. `after_seq` is None when the client does not name it, `head_seq` when the
    reader is not in it."""

    conversation_id: WireId
    after_seq: int | None
    head_seq: int | None
    updated_at: WireTime | None

    @property
    def status(self) -> Status:
        if self.head_seq is None:
            return "gone"
        if self.after_seq is None:
            return "joined"
        if self.after_seq > self.head_seq:
            return "reset"
        return "limited" if self.head_seq - self.after_seq > LIMITED_BEYOND else "ok"


@dataclass(frozen=True, slots=True)
class Share:
    """What an answer says of one conversation: the seqs from first to last, both included; none when it is gone."""

    news: News
    first_seq: int
    last_seq: int


def share_out(news: Iterable[News], *, limit: int, snapshot: int) -> tuple[list[Share], bool]:
    """The shares of one answer, and whether anything was left for the next.

    Those that are gone come first, then those that have been quiet longest. An `ok` conversation gets an even share of
    what is left of `limit`, and what it does not need goes to the busier ones after it. A snapshot (the latest
    `snapshot` messages, costing at least 1) is never cut: it waits for the next answer, unless it is the first.
    """
    waiting = sorted(news, key=_quiet_longest)
    shares: list[Share] = []
    left, complete = limit, True
    for at, entry in enumerate(waiting):
        if left <= 0:
            complete = False
            break
        share = _share(entry, even=max(1, left // (len(waiting) - at)), snapshot=snapshot)
        cost = max(1, share.last_seq - share.first_seq + 1)
        if cost > left and shares:
            complete = False
            continue
        shares.append(share)
        left -= cost
        complete = complete and (entry.status != "ok" or share.last_seq == entry.head_seq)
    return shares, not complete


def _quiet_longest(entry: News) -> tuple[bool, str, str]:
    return entry.head_seq is not None, entry.updated_at or "", entry.conversation_id


def _share(entry: News, *, even: int, snapshot: int) -> Share:
    if entry.head_seq is None:
        return Share(entry, 1, 0)
    if entry.status == "ok":
        first = (entry.after_seq or 0) + 1
        return Share(entry, first, min(entry.head_seq, first + even - 1))
    return Share(entry, max(1, entry.head_seq - snapshot + 1), entry.head_seq)


def shown(shares: Sequence[Share]) -> list[Share]:
    """Those that hold a conversation."""
    return [share for share in shares if share.news.head_seq is not None]
