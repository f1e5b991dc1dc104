"""Requests over a socket to servers that may be going down: an answer, or none."""

import json
import ssl
from dataclasses import dataclass, field
from itertools import combinations
from typing import Any
from uuid import uuid4

import httpx2

from tests.support.service import PASSWORD

LOST, UNREACHED = 0, -1
MOST_SECONDS = 30


@dataclass(frozen=True, slots=True)
class Answer:
    """`status` is LOST where none came: what was asked may have been done; and UNREACHED where nobody listened."""

    status: int
    data: Any = None
    code: str = ""

    @property
    def ok(self) -> bool:
        return 200 <= self.status < 300


@dataclass
class Person:
    """Somebody who is signed in, and the conversations that they are in."""

    id: str
    username: str
    tokens: dict[str, Any]
    conversations: list[str] = field(default_factory=list)

    @property
    def headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.tokens['access_token']}"}


class Asking:
    """The clients' way to the servers; `surprises` are answers that nobody may get while a database or server fails."""

    def __init__(self, trust: ssl.SSLContext | None = None) -> None:
        limits = httpx2.Limits(max_connections=None, keepalive_expiry=5)
        self.http = httpx2.AsyncClient(timeout=MOST_SECONDS, limits=limits, trust_env=False, verify=trust or False)
        self.surprises: list[str] = []
        self.answers: dict[int, int] = {}

    async def ask(self, method: str, url: str, body: Any = None, *, by: Person | None = None) -> Answer:
        """One request, once. 401, 404, 409 and their like are answers too, for the caller to judge."""
        content = None if body is None else json.dumps(body).encode()
        try:
            answer = await self.http.request(method, url, content=content, headers=by.headers if by else {})
        except httpx2.ConnectError:
            return self._counted(Answer(UNREACHED))
        except httpx2.TimeoutException:
            self.surprises.append(f"{method} {url}: no answer within {MOST_SECONDS} seconds")
            return self._counted(Answer(LOST))
        except httpx2.TransportError:
            return self._counted(Answer(LOST))
        told = answer.json()
        if answer.status_code >= 500 and (answer.status_code != 503 or "retry-after" not in answer.headers):
            self.surprises.append(f"{method} {url}: {answer.status_code} {dict(answer.headers)} {answer.text[:500]}")
        return self._counted(Answer(answer.status_code, told.get("data"), told.get("error", {}).get("code", "")))

    def _counted(self, answer: Answer) -> Answer:
        self.answers[answer.status] = self.answers.get(answer.status, 0) + 1
        return answer

    async def sign_up(self, address: str) -> Person:
        username = f"u{uuid4().hex[:12]}"
        body = {"username": username, "password": PASSWORD}
        answer = await self.ask("POST", f"{address}/v1/auth/register", body)
        assert answer.status == 201, answer
        return Person(answer.data["user"]["id"], username, answer.data["tokens"])

    async def acquainted(self, address: str, count: int) -> list[Person]:
        """So many people, each with a conversation with each other."""
        people = [await self.sign_up(address) for _ in range(count)]
        for one, other in combinations(people, 2):
            body = {"other_user_id": other.id}
            answer = await self.ask("POST", f"{address}/v1/conversations/direct", body, by=one)
            assert answer.status == 201, answer
            for person in (one, other):
                person.conversations.append(answer.data["id"])
        return people
