"""Draining the outbox: in order within a conversation, until what remains can only be sent later."""

import asyncio
from collections.abc import Sequence

from tests.support.phone.line import Answer, TryLater
from tests.support.phone.mirror import Mirror
from tests.support.phone.outbox import Outbox, Outgoing
from tests.support.phone.session import Session
from tests.support.phone.store import Store
from tests.support.phone.syncing import Syncing

_RETRYABLE = {"rate_limited", "try_again", "internal_error"}


class Sending:
    def __init__(self, store: Store, mirror: Mirror, outbox: Outbox, session: Session, syncing: Syncing) -> None:
        self._store, self._mirror, self._outbox = store, mirror, outbox
        self._session, self._syncing = session, syncing
        self._one_at_a_time = asyncio.Lock()

    async def drain(self, batch: int | None) -> None:
        """Raises TryLater when some of it must wait. A conversation stops at what can be repeated; what never can be
        sent is marked as failed, and those behind it go on."""
        async with self._one_at_a_time:
            stopped: dict[str, int] = {}
            await self._open_again(stopped)
            while items := self._outbox.next(batch or 1, without=self._not_yet() | set(stopped)):
                epoch = self._syncing.epoch
                answers = await (self._send_one(items[0]) if batch is None else self._send_batch(items))
                if epoch != self._syncing.epoch:
                    continue  # answered in a history that was left meanwhile: it tells nothing of this one
                if answers is None:
                    batch = max(1, len(items) // 2)
                    continue
                with self._store.transaction():
                    for item, answer in zip(items, answers, strict=True):
                        self._note(item, answer, stopped)
            if stopped:
                raise TryLater(max(stopped.values()))

    async def _send_one(self, item: Outgoing) -> list[Answer]:
        body = {"client_message_id": item.client_message_id, "content": item.content}
        answer = await self._session.call("POST", f"/v1/conversations/{item.conversation_id}/messages", body)
        if answer.status >= 500:
            answer.data()
        return [answer]

    async def _send_batch(self, items: Sequence[Outgoing]) -> list[Answer] | None:
        """None: too large as a whole."""
        fields = ("conversation_id", "client_message_id", "content")
        messages = [{field: getattr(item, field) for field in fields} for item in items]
        whole = await self._session.call("POST", "/v1/messages/batch", {"messages": messages})
        if whole.code == "payload_too_large":
            return None if len(items) > 1 else [whole]
        return [_of_one(result, whole.retry_after) for result in whole.data()["results"]]

    def _note(self, item: Outgoing, answer: Answer, stopped: dict[str, int]) -> None:
        if answer.code is None:
            self._outbox.acknowledge(item.client_message_id)
            if item.conversation_id in self._mirror.cursors():
                self._mirror.put(answer.body["data"])
        elif answer.code in _RETRYABLE:
            stopped[item.conversation_id] = answer.retry_after
        else:
            self._outbox.fail(item.client_message_id, answer.code)

    def _lost(self) -> dict[str, str]:
        """Conversations with somebody, of which the server knows nothing: whom they were with."""
        held = self._mirror.cursors()
        waiting = self._outbox.waiting()
        return {
            i.conversation_id: i.other_user_id for i in waiting if i.other_user_id and i.conversation_id not in held
        }

    def _not_yet(self) -> set[str]:
        return set(self._lost())

    async def _open_again(self, stopped: dict[str, int]) -> None:
        """What a new history lost as a whole: there is one conversation for a pair, so it is opened and written to."""
        if not self._syncing.begun:
            return
        for conversation_id, other_user_id in self._lost().items():
            epoch = self._syncing.epoch
            answer = await self._session.call("POST", "/v1/conversations/direct", {"other_user_id": other_user_id})
            if answer.status == 429:
                stopped[conversation_id] = answer.retry_after
                continue
            refusal = answer.code if 400 <= answer.status < 500 else None
            conversation = {} if refusal else answer.data()
            if epoch != self._syncing.epoch:
                return
            with self._store.transaction():
                if refusal:
                    self._outbox.fail_all(conversation_id, refusal)
                else:
                    self._mirror.hold(conversation)
                    self._outbox.readdress(conversation_id, conversation["id"])


def _of_one(result: dict[str, object], retry_after: int) -> Answer:
    """A result of a batch, as a single send would have been answered."""
    status = int(str(result["status"]))
    body = {"data": result["message"]} if status < 400 else {"error": result["error"]}
    return Answer(status, body, retry_after)
