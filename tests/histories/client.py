"""One client: it sends, reads and refreshes, one thing after another, as its random numbers say."""

import asyncio
from dataclasses import dataclass, field

from tests.histories.attempts import Attempts, Item
from tests.support.service import PASSWORD

WEIGHTS = {"one": 16, "batch": 6, "twice_at_once": 4, "history": 6, "changes": 6, "refresh": 1}


@dataclass
class Client(Attempts):
    """`weights` are how often it does what."""

    weights: dict[str, int] = field(default_factory=lambda: WEIGHTS)
    session: dict[str, str] | None = None
    keys: int = 0
    operations: int = 0

    async def act(self) -> None:
        """One thing, to its end."""
        (what,) = self.random.choices(list(self.weights), list(self.weights.values()))
        await getattr(self, f"_{what}")()
        self.operations += 1

    async def _one(self) -> None:
        await self.until_told([self._new()])
        if self.random.random() < 0.2:
            await self._changes()  # at once: what was answered must be there

    async def _batch(self) -> None:
        items = [self._new() for _ in range(self.random.randint(2, 12))]
        if self.random.random() < 0.2:
            items.append(self.random.choice(items))  # a phone that put one message twice into its outbox
        await self.until_told(items)

    async def _twice_at_once(self) -> None:
        items = [self._new() for _ in range(self.random.choice([1, 1, 4]))]
        await asyncio.gather(self.until_told(items), self.until_told(items, f"{self.name} again"))

    async def _history(self) -> None:
        key, forward = self.random.choice(self.person.conversations), self.random.random() < 0.7
        known = self.cursors.get(key, 0)
        seq = max(0, self.random.choice([known, known - 5, self.random.randint(0, known)]))
        query = f"after_seq={seq}" if forward else f"before_seq={seq}"
        path = f"/v1/conversations/{key}/messages?{query}&limit={self.random.choice([3, 50, 200])}"
        began = self.history.now()
        answer = await self.ask("GET", path)
        if not answer.ok:
            return await self.pause(answer)
        seqs = [message["seq"] for message in answer.data["messages"]]
        if forward:
            head = None if answer.data["has_more"] else seqs[-1] if seqs else seq
            self.read(key, began, answer.data["messages"], first=seq + 1, head=head)
        else:
            self.read(key, began, answer.data["messages"], last=max(0, seq - 1))
        return None

    async def _changes(self) -> None:
        held = dict(self.cursors) if self.random.random() < 0.9 else {}
        body = {"after_seq_by_conversation": held, "limit": self.random.choice([5, 200])}
        call, began = next(self.history.calls), self.history.now()
        answer = await self.ask("POST", "/v1/sync/changes", body)
        if not answer.ok:
            return await self.pause(answer)
        told = answer.data["conversations"]
        for key, item in told.items():
            if item["status"] not in {"ok", "joined", "limited"}:
                self.asking.surprises.append(f"{self.name} was told {item} of {key}")
                continue
            first, last = item.get("from_seq"), item["head_seq"]
            if item["status"] == "ok":
                first, last = held[key] + 1, item["next_after_seq"]
            self.read(key, began, item["messages"], first, last, item["head_seq"], call)
            self.cursors[key] = last
        if not answer.data["has_more"]:
            for key in held.keys() - told.keys():
                self.read(key, began, [], head=held[key], call=call)
        return None

    def _new(self) -> Item:
        self.keys += 1
        key = f"{self.name}-{self.keys}"
        conversation_id = self.random.choice(self.person.conversations)
        return {"conversation_id": conversation_id, "client_message_id": key, "content": f"{key} says"}

    async def _refresh(self) -> None:
        """A session of this client's own: whatever is lost, it is never logged out."""
        if self.session is None:
            body = {"username": self.person.username, "password": PASSWORD}
            answer = await self.ask("POST", "/v1/auth/login", body)
        else:
            answer = await self.ask("POST", "/v1/auth/refresh", self.session, may_hang_up=True)
        if answer.ok:
            self.session = {"refresh_token": answer.data["tokens"]["refresh_token"]}
        await self.pause(answer)

    async def _log_in_again(self) -> None:
        self.session = None
        await self._refresh()
