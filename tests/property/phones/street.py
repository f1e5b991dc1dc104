"""Users with phones, and a server: what a machine of phones stands on."""

import asyncio
from collections import Counter
from collections.abc import Coroutine, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

from hypothesis.stateful import RuleBasedStateMachine

from tests.property.phones.handset import Handset
from tests.property.phones.server import Server
from tests.property.phones.told import At, Message, Told
from tests.support.phone import Answer, Fate, Killed, Pace, TryLater, Unreachable, over_http

PHONES_EACH = 2


@dataclass(frozen=True)
class Written:
    """What a person wrote: to whom, in which words."""

    sender_id: str
    pair: frozenset[str]
    content: str


@dataclass
class Backup:
    name: str
    told: dict[At, Message]
    pairs: dict[str, frozenset[str]]


class Street(RuleBasedStateMachine):
    """`owed`: all that was written and must be on the server once everything has settled, by its key."""

    server: ClassVar[Server]
    runner: ClassVar[asyncio.Runner]
    directory: ClassVar[Path]
    users: ClassVar[int]
    seen: ClassVar["Counter[str]"]

    def __init__(self) -> None:
        super().__init__()
        self.told = Told(self.seen)
        self.handsets: list[Handset] = []
        self.touched: set[int] = set()
        self.owed: dict[str, Written] = {}
        self.doomed: set[str] = set()  # keys of what no server will ever take
        self.pairs: dict[str, frozenset[str]] = {}  # who talks in each conversation of the present history
        self.ever_pairs: dict[str, frozenset[str]] = {}
        self.ids: dict[str, str] = {}
        self.backups: list[Backup] = []
        self.since_quiet = 0

    def run(self, work: Coroutine[Any, Any, Any]) -> Any:
        return self.runner.run(work)

    async def carry(self, method: str, path: str, body: Any, token: str | None) -> Answer:
        answer = await over_http(self.server.service.client)(method, path, body, token)
        self.told.hear(answer)
        if path == "/v1/conversations/direct" and answer.code is None:
            talk = answer.data()
            pair = frozenset(member["user_id"] for member in talk["members"])
            self.seen["opened in a new history"] += (
                pair in self.ever_pairs.values() and talk["id"] not in self.ever_pairs
            )
            self.pairs[talk["id"]] = self.ever_pairs[talk["id"]] = pair
        return answer

    def move_in(self) -> None:
        self.seen["streets"] += 1
        self.run(self.server.begin_epoch())
        for at in range(self.users):
            name = f"u{self.seen['streets']}-{at}"
            self.ids[name] = self.run(self.server.service.register(name)).id
            for which in range(PHONES_EACH):
                path = self.directory / f"{name}-{which}.db"
                self.handsets.append(Handset(path, name, self.carry, self.server.clock))

    def move_out(self) -> None:
        for handset in self.handsets:
            handset.discard()
        for backup in self.backups:
            self.run(self.server.forget(backup.name))

    def handset(self, which: int) -> Handset:
        which %= len(self.handsets)
        self.touched.add(which)
        return self.handsets[which]

    async def try_to(self, handset: Handset, fates: Iterable[Fate], *works: Coroutine[Any, Any, Any]) -> None:
        """Some things at once, on a line that is as bad as it is. Whoever is killed comes back from its file."""
        handset.line.fates.extend(fates)
        try:
            await _together(works)
        except Killed:
            self.seen["kills"] += 1
            handset.restart()
        except (Unreachable, TryLater) as error:
            self.seen[type(error).__name__] += 1
        self.seen.update(fate.value for fate, _ in handset.line.met)
        handset.line.fates.clear()
        handset.was_used()

    def count_owed_again(self) -> None:
        """After something was lost for a reason: what nobody holds any more is not owed."""
        held = {key for handset in self.handsets for key in handset.held_keys()} | self.told.keys()
        self.owed = {key: written for key, written in self.owed.items() if key in held}

    async def settle(self) -> None:
        """The network is good and nobody is away: everybody sends all, and then holds all."""

        async def wait(seconds: float) -> None:
            self.server.clock.advance(seconds=seconds)

        for at, handset in enumerate(self.handsets):
            self.touched.add(at)
            await handset.line.deliver_late()
        paces = [
            Pace(page=1 + at, snapshot=3, limit=5 + at, part=(None, 2)[at % 2]) for at in range(len(self.handsets))
        ]
        both = list(zip(self.handsets, paces, strict=True))
        await asyncio.gather(*(handset.phone.settle(pace, batch=7, wait=wait) for handset, pace in both))
        await asyncio.gather(*(handset.phone.sync(pace) for handset, pace in both))
        for handset in self.handsets:
            handset.was_used()
        self.since_quiet = 0


async def _together(works: Iterable[Coroutine[Any, Any, Any]]) -> None:
    """What one process does at once: being killed ends all of it, a failure of one does not end the others."""
    tasks = {asyncio.ensure_future(work) for work in works}
    errors: list[BaseException] = []
    while tasks:
        done, tasks = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        errors += [error for task in done if not task.cancelled() and (error := task.exception())]
        if any(isinstance(error, Killed) for error in errors):
            for task in tasks:
                task.cancel()
    for error in sorted(errors, key=_harmless):
        raise error


def _harmless(error: BaseException) -> int:
    return isinstance(error, (Killed, Unreachable, TryLater)) + isinstance(error, (Unreachable, TryLater))
