"""The machine: it asks the service and the model the same, alone and several at once, and holds them to one another."""

import asyncio
from collections import Counter
from collections.abc import Coroutine, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, ClassVar

from hypothesis import note
from hypothesis.stateful import RuleBasedStateMachine

from tests.model.answers import Answer
from tests.model.calls import Operation, Signed, told
from tests.model.operations import LogIn, Register
from tests.model.orders import explain
from tests.model.state import State
from tests.model.talk_operations import Batch, Changes
from tests.property.contract.picking import Cast, usable
from tests.support.service import Service

LIMITED_BEYOND = 8
_ALIKE = {"conversation_not_found", "user_not_found", "session_not_found", "invalid_credentials"}


class Machine(RuleBasedStateMachine):
    """`states` is every state that the answers so far allow; mostly that is one."""

    service: ClassVar[Service]
    runner: ClassVar[asyncio.Runner]
    began_at: ClassVar[datetime]
    seen: ClassVar[Counter[str]]
    runs: ClassVar[int]

    def __init__(self) -> None:
        super().__init__()
        type(self).runs += 1
        self.service.clock.moment = self.began_at
        self.cast = Cast(f"m{self.runs:05}")
        self.states = [State(now=self.began_at, limited_beyond=LIMITED_BEYOND)]
        self.refusals: dict[str, Any] = {}
        self.steps = 0
        self.at_odds = False

    @property
    def state(self) -> State:
        """The first of those that there may be: what is asked for is chosen by it."""
        return self.states[0]

    def wait(self, work: Coroutine[Any, Any, Any]) -> Any:
        return self.runner.run(work)

    def do(self, *ops: Operation) -> list[Answer]:
        """Ask, at once if there are several; the model must explain the answers."""

        async def ask_all() -> list[Answer]:
            return await asyncio.gather(*(self._ask(op) for op in ops))

        self.at_odds = True
        answers: list[Answer] = self.wait(ask_all())
        for op, answer in zip(ops, answers, strict=True):
            note(f"{told(op)} was answered {answer.status} {answer.code}")
        explained = explain(self.states, list(zip(ops, answers, strict=True)))
        self.at_odds = False
        self.states = explained.states
        assert len(self.states) <= 64, "too much is left open"
        self._count(ops, answers, contested=explained.contested)
        return answers

    async def _ask(self, op: Operation) -> Answer:
        call = op.call()
        token = op.access_token if isinstance(op, Signed) else None
        headers = {} if token is None else {"Authorization": f"Bearer {token}"}
        found = await self.service.call(call.method, call.path, call.body, headers=headers)
        assert found.headers["Cache-Control"] == "no-store"
        assert ("WWW-Authenticate" in found.headers) == ("access_token" in found.text and found.status_code == 401)
        assert ("Retry-After" in found.headers) == (found.status_code in {429, 503})
        answer = Answer(found.status_code, found.json())
        if answer.code in _ALIKE:  # whatever the reason, not one byte tells it
            assert self.refusals.setdefault(answer.code, answer.body) == answer.body
        return answer

    def _count(self, ops: Sequence[Operation], answers: Sequence[Answer], *, contested: bool) -> None:
        self.seen["requests"] += len(ops)
        for op, answer in zip(ops, answers, strict=True):
            self.seen[f"{type(op).__name__} {answer.status} {answer.code}"] += 1
            if answer.code == "ok" and isinstance(op, Batch):
                self.seen.update(f"item {result['status']}" for result in answer.body["data"]["results"])
            if answer.code == "ok" and isinstance(op, Changes):
                data = answer.body["data"]
                self.seen.update(item["status"] for item in data["conversations"].values())
                self.seen["more"] += data["has_more"]
        if len(ops) > 1:
            self.seen["groups"] += 1
            self.seen["contested"] += contested
            self.seen["open outcomes"] += len(self.states) > 1

    def turn_the_clock(self, by: timedelta) -> None:
        self.service.clock.moment += by
        self.states = [replace(state, now=self.service.clock.moment) for state in self.states]

    def keep_somebody_signed_in(self) -> None:
        """Else every answer would be 401 from then on."""
        for user in list(self.state.users.values()):
            if len(self.states) == 1 and not usable(self.state, user.id):
                self.do(LogIn(user.username, user.password))

    def sign_up(self, name: str, password: str) -> None:
        self.do(Register(self.cast.prefix + name, password))
