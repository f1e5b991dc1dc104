"""Two people with a conversation, and what tests of sending say again and again."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import httpx2

from chatsvc.commands.send_messages import OutgoingMessage, Result, SendMessages, send_messages
from chatsvc.db import Statement, Tx
from tests.support.service import Device, Service


@dataclass(frozen=True)
class Talk:
    """Ana and Ben, and the id of their conversation."""

    ana: Device
    ben: Device
    id: str


async def a_talk(service: Service) -> Talk:
    ana, ben = await service.newcomer(), await service.newcomer()
    return Talk(ana, ben, await ana.open_direct(ben))


def item(conversation_id: str, key: str, content: str = "hello") -> dict[str, str]:
    return {"conversation_id": conversation_id, "client_message_id": key, "content": content}


def unit(sender: Device, *items: dict[str, str]) -> SendMessages:
    """What the endpoint makes of a batch."""
    outgoing = (OutgoingMessage(i["conversation_id"], i["client_message_id"], i["content"]) for i in items)
    return SendMessages(UUID(sender.id), tuple(outgoing))


def results(answer: httpx2.Response) -> list[dict[str, Any]]:
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()["data"]["results"]
    return found


def statuses(answer: httpx2.Response) -> list[int]:
    return [result["status"] for result in results(answer)]


async def seqs(reader: Device, conversation_id: str) -> list[int]:
    return [message["seq"] for message in await reader.history(conversation_id)]


async def keys(reader: Device, conversation_id: str) -> list[str]:
    return [message["client_message_id"] for message in await reader.history(conversation_id)]


_LET_IN = Statement(
    """
    INSERT INTO conversation_members (conversation_id, user_id, joined_at, role)
    VALUES (:talk, :user, :now, 'member')
    """,
    parameters={"talk": "uuid", "user": "uuid", "now": "timestamptz"},
)
_PUT_OUT = Statement(
    "DELETE FROM conversation_members WHERE conversation_id = :talk AND user_id = :user",
    parameters={"talk": "uuid", "user": "uuid"},
)


async def let_in(service: Service, user: Device, conversation_id: str) -> None:
    """A third member, whom direct conversations do not have yet."""

    async def run(tx: Tx, _: None) -> None:
        await tx.rows(_LET_IN, talk=UUID(conversation_id), user=UUID(user.id), now=tx.now)

    await service.inside.db.execute(run, None)


async def put_out(service: Service, user: Device, conversation_id: str) -> None:
    """A member who has left, which nobody can do yet."""

    async def run(tx: Tx, _: None) -> None:
        await tx.rows(_PUT_OUT, talk=UUID(conversation_id), user=UUID(user.id))

    await service.inside.db.execute(run, None)


class UndoneOnPurpose(Exception):
    pass


@dataclass
class Held:
    """`send_messages`, done but for the commit: it waits until it is told how to end."""

    done: asyncio.Event = field(default_factory=asyncio.Event)
    commits: "asyncio.Future[bool]" = field(default_factory=lambda: asyncio.get_running_loop().create_future())

    async def __call__(self, tx: Tx, units: Sequence[SendMessages]) -> tuple[tuple[Result, ...], ...]:
        sent = await send_messages(tx, units)
        self.done.set()
        await asyncio.wait({self.commits}, timeout=10)  # a test that failed meanwhile tells it nothing
        if not (self.commits.done() and self.commits.result()):
            raise UndoneOnPurpose
        return sent
