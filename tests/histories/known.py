"""What follows from a history before any rule is asked."""

from collections import defaultdict
from math import inf

from tests.histories.history import Final, History, Message, Sent

Name = tuple[str, str]
"""A message's own: its sender and the key that the sender gave it."""


class Known:
    """A history and its end, with what every rule looks up in them."""

    def __init__(self, history: History, final: Final) -> None:
        self.history, self.final = history, final
        self.attempts: dict[Name, list[Sent]] = defaultdict(list)
        for one in history.sent:
            self.attempts[one.name].append(one)
        self.stored = {name_of(message): message for messages in final.values() for message in messages}
        self.at = {(key, message["seq"]): message for key, messages in final.items() for message in messages}
        self.seen = self._seen()

    def _seen(self) -> dict[str, list[tuple[float, int]]]:
        """When somebody held which seq of which conversation, whether by an answer or by a read."""
        seen: dict[str, list[tuple[float, int]]] = defaultdict(list)
        for one in self.history.sent:
            if one.message is not None:
                seen[one.conversation_id].append((one.ended, one.message["seq"]))
        for read in self.history.reads:
            seqs = [message["seq"] for message in read.messages]
            if newest := max([*seqs, read.head or 0]):
                seen[read.conversation_id].append((read.ended, newest))
        return {key: sorted(moments) for key, moments in seen.items()}

    def begun(self, message: Message) -> float:
        """When somebody began to send it; long ago, if nobody did."""
        return min((one.began for one in self.attempts.get(name_of(message), [])), default=-inf)


def name_of(message: Message) -> Name:
    return message["sender_id"], message["client_message_id"]


def shortly(seqs: list[int]) -> str:
    return str(seqs) if len(seqs) < 20 else f"{seqs[:10]} … {seqs[-5:]}, {len(seqs)} of them"
