"""What lies between a phone and the service: a line that carries requests, and what may become of one on the way."""

import asyncio
import json
from collections import deque
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from enum import Enum
from typing import Any

import httpx2


class Unreachable(Exception):
    """No answer of the service's own: it may or may not have been done. Repeat it later."""


class TryLater(Exception):
    """429: nothing was done, and it may be repeated after a while."""

    def __init__(self, retry_after: int) -> None:
        super().__init__(f"in {retry_after} s")
        self.retry_after = retry_after


class Refused(Exception):
    """A definite refusal. Its `code` says which one."""

    def __init__(self, code: str, answer: "Answer") -> None:
        super().__init__(f"{answer.status} {answer.body}")
        self.code = code


class Killed(Exception):
    """The phone died while it waited. Nothing of it may run on."""


@dataclass(frozen=True)
class Answer:
    status: int
    body: Any
    retry_after: int = 1

    @property
    def code(self) -> str | None:
        """The code of a failure; None of a success."""
        return None if self.status < 400 else str(self.body["error"]["code"])

    def data(self) -> Any:
        """What was asked for; raises what a failure means to one who asked."""
        if self.code is None:
            return self.body["data"]
        if self.status >= 500:
            raise Unreachable(self.code)
        if self.status == 429:
            raise TryLater(self.retry_after)
        raise Refused(self.code, self)


Carrier = Callable[[str, str, Any, str | None], Awaitable[Answer]]


def over_http(client: httpx2.AsyncClient) -> Carrier:
    """The good line: one request, one answer. What comes from outside of the service's envelope is no answer."""

    async def carry(method: str, path: str, body: Any, token: str | None) -> Answer:
        headers = {} if token is None else {"Authorization": f"Bearer {token}"}
        options = {} if body is None else {"json": body}
        try:
            answer = await client.request(method, path, headers=headers, **options)
            told = answer.json()
        except (httpx2.RequestError, json.JSONDecodeError, UnicodeDecodeError) as error:
            raise Unreachable(repr(error)) from error
        if not isinstance(told, dict) or ("data" if answer.status_code < 400 else "error") not in told:
            raise Unreachable(f"{answer.status_code} outside of the envelope")
        return Answer(answer.status_code, told, int(answer.headers.get("Retry-After", "1")))

    return carry


class Fate(Enum):
    """What becomes of one request."""

    DELIVERED = "delivered"
    REQUEST_LOST = "request lost"
    ANSWER_LOST = "answer lost"
    TWICE = "delivered twice"
    LATE = "delivered later"  # the phone has given it up: it arrives behind the next two
    SLOW = "answered slowly"  # the answer waits until no other request of this phone is on its way
    BUSY = "busy"  # 503, and not done
    BUSY_BUT_DONE = "busy but done"  # 503, and done
    KILLED = "killed"  # the server did it, and the phone died before it could store the answer


_BUSY = Answer(503, {"error": {"code": "try_again", "message": "busy"}})
_BEHIND = 2


class Line:
    """Carries one phone's requests. `fates` are used up one a request; without any, all is delivered."""

    def __init__(self, carry: Carrier, fates: Iterable[Fate] = ()) -> None:
        self.fates = deque(fates)
        self.met: list[tuple[Fate, str]] = []  # what became of each request, by its path
        self._carry = carry
        self._late: list[tuple[int, tuple[str, str, Any, str | None]]] = []
        self._on_their_way = 0
        self._moved = asyncio.Condition()

    async def call(self, method: str, path: str, body: Any = None, token: str | None = None) -> Answer:
        """Raises Unreachable when there is no answer."""
        request = (method, path, body, token)
        fate = self.fates.popleft() if self.fates else Fate.DELIVERED
        self.met.append((fate, path))
        if fate in {Fate.REQUEST_LOST, Fate.LATE}:
            self._late += [(_BEHIND, request)] * (fate is Fate.LATE)
            raise Unreachable(fate.value)
        if fate is Fate.BUSY:
            return _BUSY
        self._on_their_way += 1
        try:
            copies = [self._carry(*request) for _ in range(2 if fate is Fate.TWICE else 1)]
            answer, *_ = await asyncio.gather(*copies)
            await self._deliver(behind=1)
        finally:
            self._on_their_way -= 1
            async with self._moved:
                self._moved.notify_all()
        if fate is Fate.SLOW:
            async with self._moved:
                await self._moved.wait_for(lambda: self._on_their_way == 0)
        if fate is Fate.KILLED:
            raise Killed
        if fate is Fate.ANSWER_LOST:
            raise Unreachable(fate.value)
        return _BUSY if fate is Fate.BUSY_BUT_DONE else answer

    async def deliver_late(self) -> None:
        """All that is still under way arrives; nobody waits for the answers."""
        await self._deliver(behind=_BEHIND)

    async def _deliver(self, *, behind: int) -> None:
        waiting = [(left - behind, request) for left, request in self._late]
        self._late = [entry for entry in waiting if entry[0] > 0]
        for left, request in waiting:
            if left <= 0:
                await self._carry(*request)
