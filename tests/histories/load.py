"""Many clients at once against one server or several, and the verdict on what they saw."""

import asyncio
import gc
import random
import ssl
import time
import warnings
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from tests.histories.asking import Asking, Person
from tests.histories.checker import violations
from tests.histories.client import WEIGHTS, Client
from tests.histories.history import History, Message

PATIENCE_SECONDS = 20  # after the end, for what nobody has been told of yet


@dataclass
class Load:
    """`people` is who they are, `rate` how many operations begin in a second: by default as many as the server does."""

    addresses: Sequence[str]
    people: list[Person]
    asking: Asking
    random: random.Random
    clients: int = 6
    weights: dict[str, int] = field(default_factory=lambda: WEIGHTS)
    rate: float | None = None
    history: History = field(default_factory=History)
    operations: int = 0
    _stopped_at: float | None = None

    async def run(self, *, seconds: float | None = None, operations: int | None = None) -> None:
        """Until the time is over, so much was done, or `stop`; then what is of unknown outcome is sent again."""
        began = time.monotonic()
        deadline = began + (seconds or 3_600)
        before, self._stopped_at = self.operations, None

        async def go_on(client: Client) -> None:
            while self._stopped_at is None and time.monotonic() < deadline:
                if operations is not None and self.operations - before >= operations:
                    break
                self.operations += 1
                if self.rate:
                    await asyncio.sleep(began + (self.operations - before) / self.rate - time.monotonic())
                await client.act()
            self.stop()

        await asyncio.gather(*(go_on(client) for client in self._clients()))

    def stop(self) -> None:
        """No more is begun."""
        self._stopped_at = self._stopped_at or time.monotonic()

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """The load goes on while the body runs, and comes to its end after it."""
        work = asyncio.create_task(self.run())
        try:
            yield
        finally:
            self.stop()
            await work

    def _clients(self) -> list[Client]:
        run = next(self.history.calls)
        return [
            Client(
                name=f"c{run}.{number}",
                person=self.people[number % len(self.people)],
                addresses=self.addresses,
                asking=self.asking,
                history=self.history,
                random=random.Random(self.random.getrandbits(64)),
                give_up=self._out_of_patience,
                weights=self.weights,
            )
            for number in range(self.clients)
        ]

    def _out_of_patience(self) -> bool:
        return self._stopped_at is not None and time.monotonic() > self._stopped_at + PATIENCE_SECONDS

    async def final(self, address: str | None = None) -> dict[str, list[Message]]:
        """Every conversation as a member reads it now."""
        members = {key: person for person in self.people for key in person.conversations}
        return {key: await self._whole(key, member, address) for key, member in members.items()}

    async def _whole(self, key: str, member: Person, address: str | None) -> list[Message]:
        url = f"{address or self.addresses[0]}/v1/conversations/{key}/messages?limit=200"
        messages: list[Message] = []
        for _ in range(10_000):
            last = messages[-1]["seq"] if messages else 0
            answer = await self.asking.ask("GET", f"{url}&after_seq={last}", by=member)
            assert answer.ok, answer
            messages += answer.data["messages"]
            if not answer.data["has_more"]:
                break
        return messages

    async def verdict(self, address: str | None = None, *, reads_may_lag: bool = False) -> list[str]:
        """Everything that is wrong: answers that nobody may get, and promises that were broken."""
        final = await self.final(address)
        assert sum(map(len, final.values())) > 0, "nothing was sent: nothing was looked at"
        return [*self.asking.surprises, *violations(self.history, final, reads_may_lag=reads_may_lag)]

    def told(self) -> str:
        """What was looked at, for the table."""
        history = self.history
        return (
            f"{self.operations:,} operations of {self.clients} clients, "
            f"{history.acknowledged():,} messages acknowledged, "
            f"{history.attempts_of_unknown_outcome():,} attempts of unknown outcome "
            f"({history.done_unanswered():,} had been done), {len(history.reads):,} reads"
        )


@asynccontextmanager
async def loading(
    addresses: Sequence[str],
    random: random.Random,
    *,
    people: int = 3,
    clients: int = 6,
    trust: ssl.SSLContext | None = None,
) -> AsyncIterator[Load]:
    """People who know each other, signed up at the first address, and a load that can be run."""
    asking = Asking(trust)
    with warnings.catch_warnings():
        # A client that loses its patience while it connects leaves its socket to the collector.
        warnings.simplefilter("ignore", ResourceWarning)
        async with asking.http:
            yield Load(addresses, await asking.acquainted(addresses[0], people), asking, random, clients)
        gc.collect()
