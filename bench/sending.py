"""Requests that store messages, each under keys that were never used."""

import json
from typing import Any

from bench.kinds import Kind, Maker, new_run
from bench.plain_requests import Request

BATCH = 100
CONTENT = "A message of an ordinary length, as people send them to each other all day long."


def sends(maker: Maker, senders_at_most: int = 100) -> Kind:
    """One message, from a hundred senders in turn, each in a conversation of their own; or from fewer."""
    people = maker.population.group("senders")[:senders_at_most]
    paths = [f"/v1/conversations/{maker.talks(one)[0]}/messages" for one in people]
    senders = [
        {"path": path, "headers": maker.headers(one), "content": CONTENT}
        for path, one in zip(paths, people, strict=True)
    ]
    body = json.dumps({"client_message_id": new_run(), "content": CONTENT})
    example = Request("POST", paths[0], maker.token(people[0]), body)
    return Kind("send", "send", maker.write(f"send-{len(people)}", senders), example, _stored, stores=1)


def batches(maker: Maker) -> Kind:
    """A hundred messages, from a hundred senders in turn, each to five conversations of their own."""
    people = maker.population.group("senders")
    senders = [{"headers": maker.headers(one), "content": CONTENT, "conversations": maker.talks(one)} for one in people]
    key, talks = new_run(), maker.talks(people[0])
    items = [
        {"conversation_id": talks[at % len(talks)], "client_message_id": f"{key}-{at}", "content": CONTENT}
        for at in range(BATCH)
    ]
    example = Request("POST", "/v1/messages/batch", maker.token(people[0]), json.dumps({"messages": items}))
    return Kind("batch", "batch", maker.write("batch", senders), example, _all_stored, stores=BATCH)


def _stored(sent: Any) -> bool:
    return bool(sent["content"] == CONTENT)


def _all_stored(told: Any) -> bool:
    return [result["status"] for result in told["results"]] == [201] * BATCH
