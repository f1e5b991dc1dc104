"""How changes are asked for: by POST or by GET, with an epoch or without, and with bounds."""

import json
from typing import Any
from urllib.parse import quote
from uuid import uuid4

import httpx2

from tests.commands.sending import Talk
from tests.commands.signing_in import code
from tests.queries.reading import fill
from tests.support.service import Device, Service

FIELD = "after_seq_by_conversation"


async def post(device: Device, held: Any, **options: Any) -> httpx2.Response:
    return await device.call("POST", "/v1/sync/changes", {FIELD: held, **options})


async def get(device: Device, held: Any, **options: Any) -> httpx2.Response:
    text = held if isinstance(held, str) else json.dumps(held)
    query = "&".join([f"{FIELD}={quote(text)}", *(f"{name}={value}" for name, value in options.items())])
    return await device.call("GET", f"/v1/sync/changes?{query}")


async def test_get_and_post_agree(service: Service, talk: Talk) -> None:
    other = await talk.ben.open_direct(await service.newcomer())
    await fill(talk.ana, talk.id, 4)
    await fill(talk.ben, other, 3)
    epoch = (await talk.ben.bootstrap())["sync_epoch"]
    asked: Any = ({}, {"limit": 1}, {"limit": 3, "messages_per_conversation": 1}, {"joined": False}, {"joined": True})
    for options in asked:
        texts = {name: str(value).lower() for name, value in options.items()}
        for held in ({}, {talk.id: 0}, {talk.id.upper(): 2, other: 9}, {talk.id: 4, other: 3}, {str(uuid4()): 1}):
            by_post = await post(talk.ben, held, sync_epoch=epoch, **options)
            by_get = await get(talk.ben, held, sync_epoch=epoch, **texts)
            assert by_post.status_code == 200, by_post.text
            assert by_get.json() == by_post.json()


async def test_another_epoch_is_a_conflict_that_tells_the_epoch(service: Service, talk: Talk) -> None:
    epoch = (await talk.ben.bootstrap())["sync_epoch"]
    assert (await talk.ben.changes({}))["sync_epoch"] == epoch
    assert (await post(talk.ben, {}, sync_epoch=epoch.upper())).status_code == 200
    assert (await post(talk.ben, {}, sync_epoch=None)).status_code == 200
    for ask in (post, get):
        answer = await ask(talk.ben, {talk.id: 5, str(uuid4()): 1}, sync_epoch=str(uuid4()))
        assert (answer.status_code, code(answer)) == (409, "sync_epoch_changed")
        assert answer.json()["error"]["details"] == {"sync_epoch": epoch}
        assert code(await ask(talk.ben, {}, sync_epoch="yesterday")) == "invalid_request"


NO_MAPS: list[Any] = [
    {"not-a-uuid": 0}, {"": 0}, {str(uuid4()): -1}, {str(uuid4()): 2**53}, {str(uuid4()): 1.0}, {str(uuid4()): "1"},
    {str(uuid4()): True}, {str(uuid4()): None}, [], None, 5,
    {f"{uuid4()} {uuid4()}": 1}, {str(uuid4()): 1, f"{uuid4()} {uuid4()}": 1}, {f" {uuid4()}": 1}, {f"{uuid4()}\n": 1},
    {"0190a1b2-0000-7000-8000-00000000000a": 1, "0190A1B2-0000-7000-8000-00000000000A": 2},
]  # fmt: skip


async def test_what_is_no_map_of_ids_to_seqs_is_refused_both_ways(service: Service, talk: Talk) -> None:
    for held in NO_MAPS:
        for answer in (await post(talk.ben, held), await get(talk.ben, held)):
            assert (answer.status_code, code(answer)) == (422, "invalid_request"), held
            for problem in answer.json()["error"]["details"]:
                assert problem["field"].startswith(FIELD)
    for text in ("", "x", "{", "{}x", "\u00e9", "NaN", "[" * 2_000):
        assert code(await get(talk.ben, text)) == "invalid_request"
    for options in ({"limit": 0}, {"limit": 501}, {"messages_per_conversation": 0}, {"messages_per_conversation": 101}):
        assert (
            code(await post(talk.ben, {}, **options)) == code(await get(talk.ben, {}, **options)) == "invalid_request"
        )


async def test_five_thousand_entries_are_read_and_one_more_is_too_many(service: Service, talk: Talk) -> None:
    await fill(talk.ana, talk.id, 2)
    held = {str(uuid4()): 0 for _ in range(4_999)} | {talk.id: 0}
    told: list[str] = []
    for _ in range(11):
        answer = await talk.ben.changes(held, limit=500)
        for key, item in answer["conversations"].items():
            told.append(item["status"])
            del held[key]
            if item["status"] == "ok":
                held[key] = item["next_after_seq"]
        if not answer["has_more"]:
            break
    assert held == {talk.id: 2}
    assert (told.count("gone"), set(told)) == (4_999, {"gone", "ok"})

    too_many = await post(talk.ben, {str(uuid4()): 0 for _ in range(5_001)})
    assert (too_many.status_code, code(too_many)) == (413, "payload_too_large")
    assert too_many.json()["error"]["details"] == {"max_entries": 5_000}


async def test_a_map_for_the_url_is_at_most_8_kib(service: Service, talk: Talk) -> None:
    held = {str(uuid4()): 0 for _ in range(150)}
    assert (await get(talk.ben, held)).status_code == 200
    padded = json.dumps(held)
    assert (await get(talk.ben, padded + " " * (8_192 - len(padded)))).status_code == 200
    too_long = await get(talk.ben, padded + " " * (8_193 - len(padded)))
    assert (too_long.status_code, code(too_long)) == (413, "payload_too_large")
    assert too_long.json()["error"]["details"] == {"max_bytes": 8_192}
