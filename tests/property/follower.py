"""A client's copy, kept as the contract says: cursors, what is held, and what is known to be missing."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from tests.support.service import Device

Message = dict[str, Any]


@dataclass
class Copy:
    """What is held of one conversation. `missing` are seqs below the cursor that were jumped over."""

    cursor: int
    messages: dict[int, Message] = field(default_factory=dict)
    missing: set[int] = field(default_factory=set)
    conversation: dict[str, Any] | None = None


@dataclass
class Follower:
    """Applies answers in whatever order they come, and trusts nothing that the contract does not promise."""

    device: Device
    held: dict[str, Copy] = field(default_factory=dict)
    users: dict[str, dict[str, Any]] = field(default_factory=dict)
    epoch: str | None = None

    def cursors(self) -> dict[str, int]:
        return {key: copy.cursor for key, copy in self.held.items()}

    async def ask(self, names: Iterable[str] | None = None, **options: Any) -> dict[str, Any]:
        """One `changes` call, for all that is held or for some of it alone."""
        known = self.cursors()
        if names is not None:
            known, options = {name: known[name] for name in names}, {**options, "joined": False}
        answer: dict[str, Any] = await self.device.changes(known, sync_epoch=self.epoch, **options)
        return answer

    def apply(self, answer: dict[str, Any], *, crashes: bool = False) -> bool:
        """Take an answer in. `crashes`: the rows are written, the cursor is not. Tells whether anything moved."""
        before = self.cursors()
        self.epoch = answer["sync_epoch"]
        named = {user["id"]: user for user in answer["users"]}
        for key, item in answer["conversations"].items():
            if item["status"] == "gone":
                del self.held[key]
                continue
            assert {member["user_id"] for member in item["conversation"]["members"]} <= set(named)
            self._take(key, item, crashes=crashes)
        self.users |= named
        return self.cursors() != before

    def _take(self, key: str, item: dict[str, Any], *, crashes: bool) -> None:
        news = {message["seq"]: message for message in item["messages"]}
        head = item["head_seq"]
        assert head == item["conversation"]["head_seq"]
        if item["status"] == "ok":
            copy, last = self.held[key], item["next_after_seq"]
            assert list(news) == list(range(copy.cursor + 1, last + 1))
            assert item["has_more"] == (last < head)
            copy.messages |= news
            copy.conversation = item["conversation"]
            copy.cursor = copy.cursor if crashes else last
            return
        first = item["from_seq"]
        assert list(news) == list(range(first, head + 1))
        assert item["has_earlier"] == (first > 1)
        if item["status"] == "limited":
            gap, old = item["gap"], self.held[key]
            assert (gap["from_seq"], gap["to_seq"]) == (old.cursor + 1, first - 1)
            jumped = set(range(gap["from_seq"], first)) - set(old.messages)
            kept = Copy(head, old.messages | news, old.missing | jumped)
        else:  # joined replaces what is held, reset drops it
            kept = Copy(head, news, set(range(1, first)))
        kept.conversation = item["conversation"]
        if not crashes:
            self.held[key] = kept

    async def start_over(self, limit: int, messages_per_conversation: int) -> None:
        """A bootstrap in place of all that is held."""
        self.held, self.users = {}, {}
        query = f"?limit={limit}&messages_per_conversation={messages_per_conversation}"
        more = query
        while True:
            page = await self.device.bootstrap(more)
            self.epoch = page["sync_epoch"]
            self.users |= {user["id"]: user for user in page["users"]}
            for item in page["conversations"]:
                assert item["status"] == "joined"
                self._take(item["conversation"]["id"], item, crashes=False)
            if page["next_cursor"] is None:
                return
            more = f"{query}&cursor={page['next_cursor']}"

    async def fill(self, key: str, limit: int) -> None:
        """One page of history into the newest hole of a conversation."""
        copy = self.held[key]
        path = f"/v1/conversations/{key}/messages?before_seq={max(copy.missing) + 1}&limit={limit}"
        page = await self.device.ok("GET", path)
        for message in page["messages"]:
            assert copy.messages.setdefault(message["seq"], message) == message
            copy.missing.discard(message["seq"])

    async def catch_up(self, limit: int) -> None:
        """Until an answer says that there is no more, and every hole is filled."""
        for _ in range(10_000):
            answer = await self.ask(limit=limit, messages_per_conversation=3)
            gone = any(item["status"] == "gone" for item in answer["conversations"].values())
            assert self.apply(answer) or gone or not answer["has_more"]
            if not answer["has_more"]:
                break
        for key, copy in self.held.items():
            while copy.missing:
                await self.fill(key, limit=7)
