"""A scenario set up, with what one and two undisturbed runs of it come to."""

import asyncio
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from typing import Any

from sqlalchemy.ext.asyncio import AsyncEngine

from chatsvc.errors import ChatError
from tests.faults.injected.dumps import Dump, dumped, likeness, plain, put_back
from tests.faults.injected.injecting import Fault, at_commit, at_statement, counted
from tests.faults.injected.scenarios import SCENARIOS, Command, Scenario
from tests.support.proof import Proof
from tests.support.service import Service

Told = tuple[str, dict[str, list[str]]]
"""What was answered and what was then in the database, up to what is made anew in each run."""


@dataclass
class Stage:
    service: Service
    scenario: Scenario
    command: Command
    before: Dump
    statements: int = 0
    once: Told = ("", {})
    twice: Told = ("", {})

    @property
    def writer(self) -> AsyncEngine:
        return self.service.inside.db.engines.writer

    async def run(self, *, again: bool = False) -> str:
        """The answer, or the code of the refusal. A defect is raised."""
        command = self.scenario.again(self.command) if again else self.command
        try:
            return plain(await self.service.inside.db.execute(self.scenario.handler, command), self.before)
        except ChatError as refusal:
            return refusal.code

    async def told(self, answer: str) -> Told:
        return answer, likeness(await self.dump(), self.before)

    async def dump(self) -> Dump:
        """Nothing may be under way, nor any connection out, when it is read."""
        while running := self.service.inside.db._uncancelled._running:
            await asyncio.wait(running)
        require_whole_pools(self.service)
        return await dumped(self.service)

    async def reset(self) -> None:
        await put_back(self.service, self.before)

    @contextmanager
    def disturbed(self, number: int, fault: Fault) -> Iterator[None]:
        """At the statement with this number, or after the last one at the COMMIT."""
        at = at_commit(self.writer, fault)
        with at if number > self.statements else at_statement(self.writer, number, fault):
            yield


def require_whole_pools(service: Service) -> None:
    """No connection is out."""
    for engine in (service.inside.db.engines.writer, service.inside.db.engines.reader):
        pool: Any = engine.pool
        assert pool.checkedout() == 0


@asynccontextmanager
async def _staged(service: Service, scenario: Scenario) -> AsyncIterator[Stage]:
    empty, moment = await dumped(service), service.clock.moment
    command = await scenario.prepare(service)
    stage = Stage(service, scenario, command, await dumped(service))
    with counted(stage.writer) as seen:
        stage.once = await stage.told(await stage.run())
    stage.statements = len(seen)
    stage.twice = await stage.told(await stage.run(again=True))
    changed = stage.once[1] != likeness(stage.before, stage.before)
    assert changed, f"{scenario.name} changes nothing"
    assert (stage.twice[1] == stage.once[1]) == scenario.once, f"{scenario.name}, repeated"
    await stage.reset()
    try:
        yield stage
    finally:
        service.clock.moment = moment
        await put_back(service, empty)


async def points(
    service: Service, proof: Proof, *, scenarios: int, statements: int
) -> AsyncIterator[tuple[Stage, Sequence[int]]]:
    """Every scenario with its statements and its COMMIT; in a small run so many of them, by chance."""
    taken = SCENARIOS if proof.deep else proof.random.sample(SCENARIOS, min(scenarios, len(SCENARIOS)))
    for scenario in taken:
        async with _staged(service, scenario) as stage:
            every = range(1, stage.statements + 2)
            yield stage, every if proof.deep else proof.random.sample(every, min(statements, len(every)))
