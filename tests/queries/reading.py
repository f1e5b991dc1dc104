"""What tests of queries say again and again."""

from typing import Any

from tests.commands.sending import item, statuses
from tests.support.service import Device


async def fill(sender: Device, conversation_id: str, count: int, *, name: str = "m") -> None:
    """Send that many messages, a hundred at a time."""
    name = f"{name}-{conversation_id[-9:]}"  # a key is the sender's own in all conversations
    for start in range(0, count, 100):
        items = [item(conversation_id, f"{name}-{at}", f"text {at}") for at in range(start, min(start + 100, count))]
        assert statuses(await sender.batch(items)) == [201] * len(items)


def numbers(item: dict[str, Any]) -> list[int]:
    """The seqs of an item's messages."""
    return [message["seq"] for message in item["messages"]]


async def one_item(reader: Device, conversation_id: str, after_seq: int, **options: Any) -> dict[str, Any]:
    """The only item of an answer that is complete."""
    answer = await reader.changes({conversation_id: after_seq}, **options)
    assert answer["has_more"] is False
    assert list(answer["conversations"]) == [conversation_id]
    found: dict[str, Any] = answer["conversations"][conversation_id]
    return found
