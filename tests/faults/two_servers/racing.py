"""Two servers, and what is asked of both at the same moment."""

import asyncio
import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from tests.histories.asking import Answer, Asking, Person
from tests.support.service import PASSWORD

Request = tuple[str, str, Any, Person | None]


@dataclass
class Two:
    """The servers, in an order that is thrown anew for each race, and people to race with."""

    asking: Asking
    addresses: Sequence[str]
    random: random.Random
    people: list[Person] = field(default_factory=list)
    keys: int = 0

    async def person(self) -> Person:
        return await self.asking.sign_up(self.random.choice(self.addresses))

    async def acquainted(self) -> list[Person]:
        """The same four all the time: a password costs."""
        self.people = self.people or await self.asking.acquainted(self.addresses[0], 4)
        return self.people

    async def ask(self, method: str, path: str, body: Any = None, by: Person | None = None) -> Answer:
        """Of one of them."""
        return await self.asking.ask(method, self.random.choice(self.addresses) + path, body, by=by)

    async def race(self, one: Request, other: Request) -> tuple[Answer, Answer]:
        """Each of its own server, at the same moment, give or take."""
        first, second = self.random.sample(self.addresses, 2)

        async def late(address: str, request: Request) -> Answer:
            await asyncio.sleep(self.random.choice([0, 0, 0.002, 0.005]))
            method, path, body, by = request
            return await self.asking.ask(method, address + path, body, by=by)

        return await asyncio.gather(late(first, one), late(second, other))

    async def session(self, person: Person) -> str:
        """The refresh token of a session of its own, at the cost of a password."""
        answer = await self.ask("POST", "/v1/auth/login", {"username": person.username, "password": PASSWORD})
        return str(answer.data["tokens"]["refresh_token"])

    def item(self, conversation_id: str) -> dict[str, str]:
        self.keys += 1
        key = f"race-{self.keys}"
        return {"conversation_id": conversation_id, "client_message_id": key, "content": key}


def statuses(answers: Sequence[Answer]) -> list[int]:
    return sorted(answer.status for answer in answers)
