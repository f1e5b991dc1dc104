"""The law, at a quiet point: who follows holds what starting over gives, and what was written is there exactly once."""

from typing import Any

from tests.property.phones.handset import Handset
from tests.property.phones.street import Street
from tests.property.phones.told import Message

Truth = dict[str, dict[str, Any]]


async def law(street: Street) -> None:
    """Everybody starts over, and everything is compared: each phone, what the server ever told, what people wrote."""
    street.seen["quiet points"] += 1
    everywhere: dict[str, list[Message]] = {}
    for name, user_id in street.ids.items():
        truth = await street.server.all_of(name)
        everywhere |= {key: talk["messages"] for key, talk in truth.items()}
        assert truth.keys() == {key for key, pair in street.pairs.items() if user_id in pair}
        for handset in street.handsets:
            if handset.username == name:
                _holds(street, handset, truth)
    for at, message in street.told.now.items():
        assert everywhere[at[0]][at[1] - 1] == message
    _exactly_once(street, [message for messages in everywhere.values() for message in messages])


def _exactly_once(street: Street, stored: list[Message]) -> None:
    by_key = {(message["sender_id"], message["client_message_id"]): message for message in stored}
    assert len(by_key) == len(stored), "a message is there twice"
    for key, written in street.owed.items():
        message = by_key[written.sender_id, key]
        assert message["content"] == written.content
        assert street.pairs[message["conversation_id"]] == written.pair


def _holds(street: Street, handset: Handset, truth: Truth) -> None:
    mirror, outbox = handset.phone.mirror, handset.phone.outbox
    assert handset.phone.epoch == street.server.epoch
    assert mirror.conversations() == {key: talk["conversation"] for key, talk in truth.items()}
    assert mirror.cursors() == {key: talk["conversation"]["head_seq"] for key, talk in truth.items()}
    for key, talk in truth.items():
        assert mirror.messages(key) == talk["messages"]
    assert not mirror.holes()
    assert not outbox.waiting()
    assert {item.client_message_id for item in outbox.failed()} <= street.doomed
    assert not mirror.strangers()


def what_is_held_was_told(street: Street, handset: Handset) -> None:
    """At any time: up to its cursor a conversation is whole but for its holes, and made of what the server told."""
    phone, told = handset.phone, street.told
    of_now = phone.epoch == street.server.epoch
    holes = phone.mirror.holes()
    for key, cursor in phone.mirror.cursors().items():
        held = phone.mirror.messages(key)
        known = [message["seq"] for message in held if message["seq"] <= cursor]
        jumped = [seq for talk, first, last in holes if talk == key for seq in range(first, last + 1)]
        assert sorted(known + jumped) == list(range(1, cursor + 1))
        for message in held:
            at = key, message["seq"]
            assert message in ([told.now[at]] if of_now else told.ever[at])
