"""What clients did and what they saw: a record for each attempt to send a message, and for each conversation read."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import count
from typing import Any, Literal

Message = dict[str, Any]
Final = Mapping[str, Sequence[Message]]
"""The whole of each conversation, read when all is over."""

Outcome = Literal["answered", "refused", "unknown"]


@dataclass(frozen=True, slots=True)
class Sent:
    """One attempt to send one message. A batch is several of them, in its order and with the same `call`.

    `answered` holds the message and its status, 201 or 200; `refused` was told so for good; anything else, 503 too, is
    `unknown`: it may have been done, or be done later (a status below 0: it never left).
    """

    client: str
    call: int
    sender_id: str
    conversation_id: str
    key: str
    content: str
    began: float
    ended: float
    outcome: Outcome = "unknown"
    status: int = 0
    message: Message | None = None

    @property
    def name(self) -> tuple[str, str]:
        return self.sender_id, self.key


@dataclass(frozen=True, slots=True)
class Read:
    """What one answer told of one conversation.

    `first` and `last` are the seqs that its messages had to begin and to end with, None where either was left open;
    `head` is the newest seq that there is according to the answer, None where it does not say. Several of one `call`
    stood in one answer.
    """

    client: str
    conversation_id: str
    began: float
    ended: float
    messages: tuple[Message, ...]
    first: int | None = None
    last: int | None = None
    head: int | None = None
    call: int | None = None


@dataclass
class History:
    """Everything, in the order in which it ended."""

    sent: list[Sent] = field(default_factory=list)
    reads: list[Read] = field(default_factory=list)
    calls: "count[int]" = field(default_factory=count)

    @staticmethod
    def now() -> float:
        return time.monotonic()

    def acknowledged(self) -> int:
        """How many messages somebody was told of."""
        return len({one.name for one in self.sent if one.outcome == "answered"})

    def done_unanswered(self) -> int:
        """How many messages were there already when they were sent again after an attempt of unknown outcome."""
        created = {one.name for one in self.sent if one.status == 201}
        known = {one.name for one in self.sent if one.status == 200}
        return len({one.name for one in self.sent if one.outcome == "unknown"} & known - created)

    def attempts_of_unknown_outcome(self) -> int:
        """Those that reached somebody."""
        return sum(one.outcome == "unknown" and one.status >= 0 for one in self.sent)
