"""One client: it sends, loses answers, sends again until it is told, and reads; and records all of it."""

import asyncio
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from tests.histories.asking import LOST, Answer, Asking, Person
from tests.histories.history import History, Message, Outcome, Read, Sent
from tests.support.service import PASSWORD

Item = dict[str, str]
WEIGHTS = {"one": 16, "batch": 6, "twice_at_once": 4, "history": 6, "changes": 6, "refresh": 1}
_IMPATIENT = 0.04  # how often a client hangs up before it is answered
_FORGETFUL = 0.02  # how often it never asks again after that


@dataclass
class Client:
    """Does one thing after another, each against any of `addresses`."""

    name: str
    person: Person
    addresses: Sequence[str]
    asking: Asking
    history: History
    random: random.Random
    give_up: Callable[[], bool]
    weights: dict[str, int] = field(default_factory=lambda: WEIGHTS)
    cursors: dict[str, int] = field(default_factory=dict)
    session: dict[str, str] | None = None
    keys: int = 0
    operations: int = 0

    async def act(self) -> None:
        """One thing, to its end."""
        (what,) = self.random.choices(list(self.weights), list(self.weights.values()))
        await getattr(self, f"_{what}")()
        self.operations += 1

    async def _one(self) -> None:
        await self._until_told([self._new()])

    async def _batch(self) -> None:
        items = [self._new() for _ in range(self.random.randint(2, 12))]
        if self.random.random() < 0.2:
            items.append(self.random.choice(items))  # a phone that put one message twice into its outbox
        await self._until_told(items)

    async def _twice_at_once(self) -> None:
        items = [self._new() for _ in range(self.random.choice([1, 1, 4]))]
        await asyncio.gather(self._until_told(items), self._until_told(items, f"{self.name} again"))

    async def _history(self) -> None:
        key, forward = self.random.choice(self.person.conversations), self.random.random() < 0.7
        known = self.cursors.get(key, 0)
        seq = max(0, self.random.choice([known, known - 5, self.random.randint(0, known)]))
        query = f"after_seq={seq}" if forward else f"before_seq={seq}"
        path = f"/v1/conversations/{key}/messages?{query}&limit={self.random.choice([3, 50, 200])}"
        began = self.history.now()
        answer = await self._ask("GET", path)
        if not answer.ok:
            return await self._pause(answer)
        seqs = [message["seq"] for message in answer.data["messages"]]
        if forward:
            head = None if answer.data["has_more"] else seqs[-1] if seqs else seq
            self._read(key, began, answer.data["messages"], first=seq + 1, head=head)
        else:
            self._read(key, began, answer.data["messages"], last=max(0, seq - 1))
        return None

    async def _changes(self) -> None:
        held = dict(self.cursors) if self.random.random() < 0.9 else {}
        body = {"after_seq_by_conversation": held, "limit": self.random.choice([5, 200])}
        began = self.history.now()
        answer = await self._ask("POST", "/v1/sync/changes", body)
        if not answer.ok:
            return await self._pause(answer)
        told = answer.data["conversations"]
        for key, item in told.items():
            if item["status"] not in {"ok", "joined", "limited"}:
                self.asking.surprises.append(f"{self.name} was told {item} of {key}")
                continue
            first, last = item.get("from_seq"), item["head_seq"]
            if item["status"] == "ok":
                first, last = held[key] + 1, item["next_after_seq"]
            self._read(key, began, item["messages"], first, last, item["head_seq"])
            self.cursors[key] = last
        if not answer.data["has_more"]:
            for key in held.keys() - told.keys():
                self._read(key, began, [], head=held[key])
        return None

    def _new(self) -> Item:
        self.keys += 1
        key = f"{self.name}-{self.keys}"
        conversation_id = self.random.choice(self.person.conversations)
        return {"conversation_id": conversation_id, "client_message_id": key, "content": f"{key} says"}

    async def _until_told(self, items: list[Item], name: str = "") -> None:
        """Send, and send again under the same keys, until there is an answer, or until a client forgets about it."""
        while not await self._attempt(items, name or self.name):
            if self.give_up() or self.random.random() < _FORGETFUL:
                return

    async def _attempt(self, items: list[Item], name: str) -> bool:
        call, began = next(self.history.calls), self.history.now()
        if len(items) == 1 and self.random.random() < 0.9:
            body = {name: items[0][name] for name in ("client_message_id", "content")}
            path = f"/v1/conversations/{items[0]['conversation_id']}/messages"
            answer = await self._ask("POST", path, body, may_hang_up=True)
            results = [{"status": answer.status, "message": answer.data}]
        else:
            answer = await self._ask("POST", "/v1/messages/batch", {"messages": items}, may_hang_up=True)
            results = answer.data["results"] if answer.ok else [{"status": answer.status}] * len(items)
        ended = self.history.now()
        for item, result in zip(items, results, strict=True):
            status, message = result["status"], result.get("message")
            words = item["conversation_id"], item["client_message_id"], item["content"]
            told = _outcome(status), status, message
            if told[0] == "refused" and answer.ok:
                self.asking.surprises.append(f"{name} sent {item} and was refused: {result}")
            self.history.sent.append(Sent(name, call, self.person.id, *words, began, ended, *told))
        await self._pause(answer)
        return all(_outcome(result["status"]) != "unknown" for result in results)

    async def _ask(self, method: str, path: str, body: Any = None, *, may_hang_up: bool = False) -> Answer:
        asked = self.asking.ask(method, self.random.choice(self.addresses) + path, body, by=self.person)
        try:
            hangs_up = may_hang_up and self.random.random() < _IMPATIENT
            answer = await asyncio.wait_for(asked, self.random.uniform(0, 0.03) if hangs_up else None)
        except TimeoutError:
            return Answer(LOST)
        if _outcome(answer.status) == "refused":
            self.asking.surprises.append(f"{self.name} asked for {path} and was refused: {answer}")
        return answer

    async def _refresh(self) -> None:
        """A session of this client's own: whatever is lost, it is never logged out."""
        if self.session is None:
            body = {"username": self.person.username, "password": PASSWORD}
            answer = await self._ask("POST", "/v1/auth/login", body)
        else:
            answer = await self._ask("POST", "/v1/auth/refresh", self.session, may_hang_up=True)
        if answer.ok:
            self.session = {"refresh_token": answer.data["tokens"]["refresh_token"]}
        await self._pause(answer)

    async def _log_in_again(self) -> None:
        self.session = None
        await self._refresh()

    async def _pause(self, answer: Answer) -> None:
        if not answer.ok:
            await asyncio.sleep(self.random.uniform(0.01, 0.15))

    def _read(
        self,
        key: str,
        began: float,
        messages: list[Message],
        first: int | None = None,
        last: int | None = None,
        head: int | None = None,
    ) -> None:
        ended = self.history.now()
        self.history.reads.append(Read(self.name, key, began, ended, tuple(messages), first, last, head))


def _outcome(status: int) -> Outcome:
    if status in {200, 201}:
        return "answered"
    return "unknown" if status == LOST or status >= 500 else "refused"
