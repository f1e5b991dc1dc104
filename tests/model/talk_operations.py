"""The commands and queries of sections 4 and 5."""

import json
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from tests.model.calls import Call, Signed, asked, given

Map = tuple[tuple[str, int], ...]


@dataclass(frozen=True)
class ListTalks(Signed):
    limit: int | None = None
    cursor: str | None = None

    def call(self) -> Call:
        return asked("/v1/conversations", limit=self.limit, cursor=self.cursor)


@dataclass(frozen=True)
class OpenDirect(Signed):
    other_user_id: str

    def call(self) -> Call:
        return Call("POST", "/v1/conversations/direct", {"other_user_id": self.other_user_id})


@dataclass(frozen=True)
class History(Signed):
    conversation_id: str
    after_seq: int | None = None
    before_seq: int | None = None
    limit: int | None = None

    def call(self) -> Call:
        path = f"/v1/conversations/{quote(self.conversation_id)}/messages"
        return asked(path, after_seq=self.after_seq, before_seq=self.before_seq, limit=self.limit)


@dataclass(frozen=True)
class Send(Signed):
    conversation_id: str
    client_message_id: str
    content: str

    def call(self) -> Call:
        body = {"client_message_id": self.client_message_id, "content": self.content}
        return Call("POST", f"/v1/conversations/{quote(self.conversation_id)}/messages", body)


@dataclass(frozen=True)
class Batch(Signed):
    items: tuple[Any, ...]

    def call(self) -> Call:
        return Call("POST", "/v1/messages/batch", {"messages": list(self.items)})


@dataclass(frozen=True)
class Bootstrap(Signed):
    limit: int | None = None
    messages_per_conversation: int | None = None
    cursor: str | None = None

    def call(self) -> Call:
        size = self.messages_per_conversation
        return asked("/v1/sync/bootstrap", limit=self.limit, messages_per_conversation=size, cursor=self.cursor)


@dataclass(frozen=True)
class Changes(Signed):
    """`in_the_url`: the GET that is the same."""

    held: Map
    sync_epoch: str | None = None
    limit: int | None = None
    messages_per_conversation: int | None = None
    joined: bool | None = None
    in_the_url: bool = False

    def call(self) -> Call:
        fields = given(
            sync_epoch=self.sync_epoch,
            limit=self.limit,
            messages_per_conversation=self.messages_per_conversation,
            joined=self.joined,
        )
        if not self.in_the_url:
            return Call("POST", "/v1/sync/changes", {"after_seq_by_conversation": dict(self.held), **fields})
        if self.joined is not None:
            fields["joined"] = str(self.joined).lower()
        return asked("/v1/sync/changes", after_seq_by_conversation=json.dumps(dict(self.held)), **fields)
