"""People with phones who go on writing, whatever becomes of the server, and all that they wrote."""

import asyncio
import random
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.support.phone import Answer, Line, Phone, TryLater, Unreachable
from tests.support.phone.line import Carrier
from tests.support.service import PASSWORD


@dataclass
class People:
    """`written` is content by sender and key: it must be on the server in the end, once each. `server` is None while
    there is none."""

    folder: Path
    random: random.Random
    server: Carrier | None = None
    phones: dict[str, list[Phone]] = field(default_factory=dict)
    written: dict[tuple[str, str], str] = field(default_factory=dict)

    async def arrive(self, count: int, *, phones_each: int = 2) -> None:
        """Each with phones of their own, and in a conversation with the next one."""
        for number in range(count):
            name = f"person{number}"
            self.phones[name] = [self._phone(f"{name}-{which}", name) for which in range(phones_each)]
            await self.phones[name][0].register()
            for phone in self.phones[name][1:]:
                await phone.log_in()
        for one, other in zip(self.phones, list(self.phones)[1:], strict=False):
            await self.phones[one][0].open_direct(str(self.phones[other][0].user_id))

    def _phone(self, file: str, name: str) -> Phone:
        return Phone(self.folder / f"{file}.db", Line(self._carry), name, PASSWORD)

    async def _carry(self, method: str, path: str, body: Any, token: str | None) -> Answer:
        if self.server is None:
            raise Unreachable("no server")
        return await self.server(method, path, body, token)

    async def meet(self) -> None:
        """Everybody opens a conversation with everybody, and looks what is new after each."""

        async def greet(phone: Phone) -> None:
            for other in sorted(self._others(phone)):
                await phone.open_direct(other)
                await phone.sync()

        await asyncio.gather(*(greet(phones[0]) for phones in self.phones.values()))

    async def act(self, steps: int) -> None:
        """Everybody at once; who cannot reach the server goes on writing."""
        await asyncio.gather(*(self._use(phone, steps) for phones in self.phones.values() for phone in phones))

    async def _use(self, phone: Phone, steps: int) -> None:
        for _ in range(steps):
            talks, what = list(phone.mirror.cursors()), self.random.random()
            with suppress(Unreachable, TryLater):
                if what < 0.08:
                    await phone.open_direct(self.random.choice(sorted(self._others(phone))))
                    await phone.sync()
                elif what < 0.6 and talks:
                    self._write(phone, self.random.choice(talks))
                elif what < 0.8:
                    await phone.drain(self.random.choice([None, 1, 5]))
                else:
                    await phone.sync()

    def _others(self, phone: Phone) -> set[str]:
        return {str(phones[0].user_id) for phones in self.phones.values()} - {str(phone.user_id)}

    def _write(self, phone: Phone, talk: str) -> None:
        content = f"message {len(self.written)}"
        self.written[str(phone.user_id), phone.write(talk, content)] = content

    async def settle(self) -> None:
        """All is sent and all is held, on every phone."""
        everybody = [phone for phones in self.phones.values() for phone in phones]
        for _ in range(2):  # again, for what the others sent meanwhile
            await asyncio.gather(*(phone.settle() for phone in everybody))

    async def require_equal(self) -> None:
        """Each phone holds what a new one is given, and the server holds all that was written, once."""
        stored: Counter[tuple[str, str, str]] = Counter()
        seen: set[str] = set()
        for number, (name, phones) in enumerate(self.phones.items()):
            fresh = self._phone(f"fresh-{number}-{len(self.written)}", name)
            await fresh.settle()
            truth = _held(fresh)
            fresh.close()
            for phone in phones:
                assert phone.outbox.all() == []
                assert _held(phone) == truth, name
            for talk, messages in truth.items():
                if talk not in seen:
                    stored.update((m["sender_id"], m["client_message_id"], m["content"]) for m in messages)
                    seen.add(talk)
        assert stored == Counter((*name, content) for name, content in self.written.items())

    def acknowledged(self) -> dict[tuple[str, str], str]:
        """The id of each own message that a phone was told of, by sender and key."""
        return {
            (message["sender_id"], message["client_message_id"]): message["id"]
            for phones in self.phones.values()
            for phone in phones
            for messages in _held(phone).values()
            for message in messages
        }


def _held(phone: Phone) -> dict[str, list[Any]]:
    return {talk: phone.mirror.messages(talk) for talk in phone.mirror.cursors()}


@contextmanager
def with_phones(folder: Path, random: random.Random) -> Iterator[People]:
    people = People(folder, random)
    try:
        yield people
    finally:
        for phones in people.phones.values():
            for phone in phones:
                phone.close()
