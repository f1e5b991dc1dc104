"""What every client does: ask, lose the answer, ask again until it is told; and all of it is recorded."""

import asyncio
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from tests.histories.asking import LOST, UNREACHED, Answer, Asking, Person
from tests.histories.history import History, Message, Outcome, Read, Sent

Item = dict[str, str]
_IMPATIENT = 0.04  # how often a client hangs up before it is answered
_FORGETFUL = 0.02  # how often it never asks again after that


@dataclass
class Attempts:
    """One person's way to any of `addresses`."""

    name: str
    person: Person
    addresses: Sequence[str]
    asking: Asking
    history: History
    random: random.Random
    give_up: Callable[[], bool]
    cursors: dict[str, int] = field(default_factory=dict)

    async def until_told(self, items: list[Item], name: str = "") -> None:
        """Send, and send again under the same keys, until there is an answer, or until a client forgets about it."""
        while not await self._attempt(items, name or self.name):
            if self.give_up() or self.random.random() < _FORGETFUL:
                return

    async def _attempt(self, items: list[Item], name: str) -> bool:
        call, began = next(self.history.calls), self.history.now()
        if len(items) == 1 and self.random.random() < 0.9:
            body = {name: items[0][name] for name in ("client_message_id", "content")}
            path = f"/v1/conversations/{items[0]['conversation_id']}/messages"
            answer = await self.ask("POST", path, body, may_hang_up=True)
            results = [{"status": answer.status, "message": answer.data}]
        else:
            answer = await self.ask("POST", "/v1/messages/batch", {"messages": items}, may_hang_up=True)
            results = answer.data["results"] if answer.ok else [{"status": answer.status}] * len(items)
        ended = self.history.now()
        for item, result in zip(items, results, strict=True):
            status, message = result["status"], result.get("message")
            words = item["conversation_id"], item["client_message_id"], item["content"]
            told = _outcome(status), status, message
            if told[0] == "refused" and answer.ok:
                self.asking.surprises.append(f"{name} sent {item} and was refused: {result}")
            self.history.sent.append(Sent(name, call, self.person.id, *words, began, ended, *told))
        await self.pause(answer)
        return all(_outcome(result["status"]) != "unknown" for result in results)

    async def ask(self, method: str, path: str, body: Any = None, *, may_hang_up: bool = False) -> Answer:
        asked = self.asking.ask(method, self.random.choice(self.addresses) + path, body, by=self.person)
        try:
            hangs_up = may_hang_up and self.random.random() < _IMPATIENT
            answer = await asyncio.wait_for(asked, self.random.uniform(0, 0.03) if hangs_up else None)
        except TimeoutError:
            return Answer(LOST)
        if _outcome(answer.status) == "refused":
            self.asking.surprises.append(f"{self.name} asked for {path} and was refused: {answer}")
        return answer

    async def pause(self, answer: Answer) -> None:
        if not answer.ok:
            await asyncio.sleep(self.random.uniform(0.01, 0.3 if answer.status == UNREACHED else 0.15))

    def read(
        self,
        key: str,
        began: float,
        messages: list[Message],
        first: int | None = None,
        last: int | None = None,
        head: int | None = None,
        call: int | None = None,
    ) -> None:
        ended = self.history.now()
        self.history.reads.append(Read(self.name, key, began, ended, tuple(messages), first, last, head, call))


def _outcome(status: int) -> Outcome:
    if status in {200, 201}:
        return "answered"
    return "unknown" if status in {LOST, UNREACHED} or status >= 500 else "refused"
