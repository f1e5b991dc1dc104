"""What the server told anybody, also in answers that were lost: it must stay true for as long as its history does."""

from collections import Counter
from collections.abc import Iterator
from typing import Any

from tests.support.phone import Answer

Message = dict[str, Any]
At = tuple[str, int]


class Told:
    """`now`: of the present history, by conversation and seq. `ever`: of all the histories that there were."""

    def __init__(self, seen: "Counter[str]") -> None:
        self.now: dict[At, Message] = {}
        self.ever: dict[At, list[Message]] = {}
        self._keys: set[str] = set()
        self._seen = seen

    def hear(self, answer: Answer) -> None:
        self._seen["requests"] += 1
        self._seen[answer.code or "answers"] += 1
        for found in _objects(answer.body):
            if isinstance(found.get("status"), str) and "epoch" not in found:
                self._seen[found["status"]] += 1
            if found.get("status") == 200 or (answer.status == 200 and found is answer.body.get("data")):
                self._seen["replays"] += "client_message_id" in found.get("message", found)
            if "code" in found and found is not answer.body.get("error"):
                self._seen[found["code"]] += 1
            if "client_message_id" in found and "seq" in found:
                self._hear_of(found)

    def _hear_of(self, message: Message) -> None:
        at = message["conversation_id"], message["seq"]
        if at not in self.now:
            lost = message["client_message_id"] in self._keys
            self._seen["sent to a new history"] += lost
            self._keys.add(message["client_message_id"])
        assert self.now.setdefault(at, message) == message, "two messages for one seq"
        ever = self.ever.setdefault(at, [])
        if message not in ever:
            ever.append(message)
            self._seen["messages"] += 1

    def keys(self) -> set[str]:
        return {message["client_message_id"] for message in self.now.values()}


def _objects(told: Any) -> Iterator[dict[str, Any]]:
    """Every JSON object in an answer."""
    if isinstance(told, dict):
        yield told
    for inner in told.values() if isinstance(told, dict) else told if isinstance(told, list) else ():
        yield from _objects(inner)
