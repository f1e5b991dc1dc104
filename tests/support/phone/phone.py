"""A phone: what a person does with it, and what it does by itself."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

from tests.support.phone.history import Pace
from tests.support.phone.line import Line, TryLater, Unreachable
from tests.support.phone.mirror import Mirror
from tests.support.phone.outbox import Outbox
from tests.support.phone.sending import Sending
from tests.support.phone.session import Session
from tests.support.phone.store import Store
from tests.support.phone.syncing import Syncing

USUAL = Pace()


class NotSettled(AssertionError):
    """The server did not come back within the time that a phone was given."""


class Phone:
    """One installation of the app on a file of its own, for one user."""

    def __init__(
        self, path: Path, line: Line, username: str, password: str, *, store: Callable[[Path], Store] = Store
    ) -> None:
        self.line = line
        self.store = store(path)
        self.outbox = Outbox(self.store)
        self.mirror = Mirror(self.store, self.outbox)
        self.session = Session(self.store, line, username, password)
        self.syncing = Syncing(self.store, self.mirror, self.session)
        self.sending = Sending(self.store, self.mirror, self.outbox, self.session, self.syncing)

    @property
    def user_id(self) -> str | None:
        """Known from the first sign-in on."""
        found: str | None = self.store.fact("user_id")
        return found

    @property
    def epoch(self) -> str | None:
        return self.syncing.epoch

    async def register(self) -> None:
        await self.session.register()

    async def log_in(self) -> None:
        await self.session.log_in()

    async def open_direct(self, other_user_id: str) -> str:
        """The id of the conversation with somebody; from now on it is among those that are followed."""
        epoch = self.epoch
        answer = await self.session.call("POST", "/v1/conversations/direct", {"other_user_id": other_user_id})
        conversation = answer.data()
        if epoch == self.epoch:
            with self.store.transaction():
                self.mirror.hold(conversation)
        return str(conversation["id"])

    def write(self, conversation_id: str, content: str) -> str:
        """Into the outbox; gives its `client_message_id`."""
        return self.outbox.add(conversation_id, content, self.mirror.others().get(conversation_id))

    async def sync(self, pace: Pace = USUAL) -> None:
        """Until nothing is new and no hole is left. Raises Unreachable or TryLater where it stopped."""
        await self.syncing.sync(pace)

    async def drain(self, batch: int | None = None) -> None:
        """Send what waits, one by one or so many at a time. Raises Unreachable or TryLater where it stopped."""
        await self.sending.drain(batch)

    async def settle(
        self,
        pace: Pace = USUAL,
        *,
        batch: int | None = 100,
        attempts: int = 100,
        wait: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        """All that waits is sent, and all that there is is held. First of all it asks what is new: should the server's
        history be another one, what is sent after that is sent to the new one. Raises NotSettled after `attempts`."""
        for _ in range(attempts):
            try:
                await self.sync(pace)
                await self.drain(batch)
                await self.sync(pace)
            except Unreachable:
                await wait(0.1)
                continue
            except TryLater as later:
                await wait(later.retry_after)
                continue
            if not (self.outbox.waiting() or self.mirror.holes()):
                return
        raise NotSettled(f"{len(self.outbox.waiting())} waiting, {len(self.mirror.holes())} holes")

    def close(self) -> None:
        """As being killed does it: nothing is said to anybody."""
        self.store.close()
