"""Those who write: what they did, and what they were told."""

import asyncio
from collections.abc import Coroutine
from typing import Any, ClassVar

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from tests.commands.sending import item, results
from tests.property.follower import Message
from tests.support.service import Device, Service

SOME = st.integers(0, 999)  # which one of those there are
USERS = 4


class Writing(RuleBasedStateMachine):
    """Four users who talk; what the service answered them is the truth that every copy is held against."""

    service: ClassVar[Service]
    runner: ClassVar[asyncio.Runner]

    def __init__(self) -> None:
        super().__init__()
        self.users: list[Device] = []
        self.truth: dict[str, dict[int, Message]] = {}
        self.members: dict[str, list[Device]] = {}
        self.sent: list[tuple[Device, dict[str, str], Message]] = []
        self.keys = 0

    def run(self, work: Coroutine[Any, Any, Any]) -> Any:
        return self.runner.run(work)

    @initialize()
    def people(self) -> None:
        for _ in range(USERS):
            self.users.append(self.run(self.service.newcomer()))
        self.open(0, 1)

    def new_items(self, sender: Device, picks: list[int]) -> list[dict[str, str]]:
        mine = [key for key, members in self.members.items() if sender in members]
        self.keys += 1
        picks = picks if mine else []
        return [item(mine[n % len(mine)], f"k{self.keys}-{at}", f"text {n}") for at, n in enumerate(picks)]

    def note(self, sender: Device, wanted: dict[str, str], message: Message) -> None:
        assert self.truth[message["conversation_id"]].setdefault(message["seq"], message) == message
        self.sent.append((sender, wanted, message))

    async def send(self, sender: Device, items: list[dict[str, str]]) -> None:
        for wanted, result in zip(items, results(await sender.batch(items)), strict=True):
            assert result["status"] == 201
            self.note(sender, wanted, result["message"])

    @rule(one=SOME, other=SOME)
    def open(self, one: int, other: int) -> None:
        pair = [self.users[one % USERS], self.users[other % USERS]]
        if pair[0] is not pair[1]:
            key = self.run(pair[0].open_direct(pair[1]))
            self.members[key] = pair
            self.truth.setdefault(key, {})

    @rule(sender=SOME, picks=st.lists(SOME, min_size=1, max_size=12))
    def send_a_batch(self, sender: int, picks: list[int]) -> None:
        user = self.users[sender % USERS]
        if items := self.new_items(user, picks):
            self.run(self.send(user, items))

    @rule(senders=st.lists(SOME, min_size=2, max_size=6))
    def send_at_once(self, senders: list[int]) -> None:
        """Any order is right."""

        async def all_at_once() -> None:
            work = [(self.users[n % USERS], self.new_items(self.users[n % USERS], [n, n + 1])) for n in senders]
            await asyncio.gather(*(self.send(user, items) for user, items in work if items))

        self.run(all_at_once())

    @precondition(lambda self: self.sent)
    @rule(which=SOME, copies=st.integers(1, 3))
    def send_again(self, which: int, copies: int) -> None:
        sender, wanted, message = self.sent[which % len(self.sent)]
        again = results(self.run(sender.batch([wanted] * copies)))
        assert again == [{"status": 200, "message": message}] * copies

    @rule(seconds=st.floats(-2, 5))
    def time_passes(self, seconds: float) -> None:
        self.service.clock.advance(seconds=seconds)

    @rule(who=SOME, name=st.sampled_from(["Ana", "Ben", "Cleo"]))
    def rename(self, who: int, name: str) -> None:
        self.run(self.users[who % USERS].ok("PATCH", "/v1/users/me", {"display_name": name}))

    @invariant()
    def the_truth_has_no_gap(self) -> None:
        for messages in self.truth.values():
            assert sorted(messages) == list(range(1, len(messages) + 1))
