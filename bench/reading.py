"""Requests that store no message, and may be sent again and again."""

import json
from collections.abc import Sequence
from typing import Any

from bench.floor import READY_MADE
from bench.kinds import Kind, Maker
from bench.people import PASSWORD, Person, username
from bench.plain_requests import Request

_PAGE = 50


def changes(maker: Maker, group: str, new: Sequence[int] = ()) -> Kind:
    """What is new since the head of every conversation, less so many messages in the first few of them."""
    requests = [
        Request("POST", "/v1/sync/changes", maker.token(one), json.dumps({"after_seq_by_conversation": held}))
        for one in maker.population.group(group)
        for held in [_held(maker, group, one, new)]
    ]
    name = f"changes-{group}-{'-'.join(map(str, new)) or 'idle'}"
    return maker.repeated(name, requests, lambda told: _messages_per_conversation(told) == sorted(new))


def ready_made(maker: Maker) -> Kind:
    """The floor's answer of as many messages as `changes` has new, to the same question."""
    like = changes(maker, "readers", [READY_MADE])
    return Kind("ready", like.script, like.data, like.example, lambda told: len(told["messages"]) == READY_MADE)


def bootstraps(maker: Maker) -> Kind:
    path = "/v1/sync/bootstrap?limit=100&messages_per_conversation=20"
    requests = [Request("GET", path, maker.token(one)) for one in maker.population.group("readers")]
    return maker.repeated(
        "bootstrap", requests, lambda page: [len(item["messages"]) for item in page["conversations"]] == [20] * 100
    )


def history(maker: Maker) -> Kind:
    """A page of the long conversation of each reader."""
    requests = [
        Request("GET", f"/v1/conversations/{maker.talks(one)[0]}/messages?before_seq=60&limit={_PAGE}", token)
        for one in maker.population.group("readers")
        for token in [maker.token(one)]
    ]
    return maker.repeated("history", requests, lambda page: len(page["messages"]) == _PAGE)


def logins(maker: Maker) -> Kind:
    people = maker.population.group("readers")
    bodies = [json.dumps({"username": username(one.number), "password": PASSWORD}) for one in people]
    requests = [Request("POST", "/v1/auth/login", body=body) for body in bodies]
    return maker.repeated("login", requests, lambda told: bool(told["tokens"]["access_token"]))


def _held(maker: Maker, group: str, person: Person, new: Sequence[int]) -> dict[str, int]:
    (like,) = (one for one in maker.population.groups if one.name == group)
    fewer = dict(enumerate(new))
    return {talk: like.length(at) - fewer.get(at, 0) for at, talk in enumerate(maker.talks(person))}


def _messages_per_conversation(told: Any) -> list[int]:
    """Of an answer that is the whole; no list of counts is like that of any other."""
    items = told["conversations"].values()
    whole = not told["has_more"] and all(item["status"] == "ok" for item in items)
    return sorted(len(item["messages"]) for item in items) if whole else [-1]
