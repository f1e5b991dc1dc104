"""Odd requests that are good ones: what clients, proxies and people's names make of HTTP and JSON."""

from typing import Any
from uuid import uuid4

import pytest

from tests.api.conftest import Pair
from tests.support.raw_http import RawAnswer, ask

pytestmark = pytest.mark.asyncio(loop_scope="module")
EMPTY = b'{"after_seq_by_conversation": {}}'


async def _ana(pair: Pair, method: str, target: str, body: bytes = b"", **headers: str) -> RawAnswer:
    sent = {"authorization": f"Bearer {pair.ana.tokens['access_token']}", **headers}
    pairs = [(name.replace("_", "-"), value) for name, value in sent.items()]
    return await ask(pair.service.app, method, target, pairs, body)


@pytest.mark.parametrize(
    "content_type",
    [
        None, "", "text/plain", "application/x-www-form-urlencoded", "multipart/form-data", "application/xml", ";",
        "application/json; charset=latin-1", "nonsense", "application/vnd.api+json", "é",
    ],
)  # fmt: skip
async def test_content_type_is_not_looked_at(shared_pair: Pair, content_type: str | None) -> None:
    headers = {} if content_type is None else {"content_type": content_type}
    assert (await _ana(shared_pair, "POST", "/v1/sync/changes", EMPTY, **headers)).status == 200


@pytest.mark.parametrize(
    "target",
    [
        "/v1/conversations?offset=-1", "/v1/conversations?limit=5&page=9223372036854775808", "/v1/conversations?x=%00",
        "/v1/users/search?query=%00a&query=ben", "/v1/users/me?", "/v1/users/me?&&=&x", "/v1/conversations?limit=007",
        "/v1/users/search?query=%25", "/v1/users/search?query=' OR 1=1 --", "/v1/users/search?query=%F4%8F%BF%BF",
        "/v1/users/search?query=%EF%B7%BA", "/v1/users/search?query=%C2%AD",
    ],
)  # fmt: skip
async def test_unknown_and_odd_query_parameters_are_harmless(shared_pair: Pair, target: str) -> None:
    answer = await _ana(shared_pair, "GET", target)
    assert answer.status == 200, answer.body


async def test_offset_is_no_way_around_the_limit(shared_pair: Pair) -> None:
    answer = await _ana(shared_pair, "GET", "/v1/conversations?offset=1&limit=1")
    assert len(answer.json()["data"]["conversations"]) == 1


async def test_of_a_name_given_twice_the_last_counts(shared_pair: Pair) -> None:
    body = b'{"after_seq_by_conversation": "no", "limit": 0, "limit": 5, "after_seq_by_conversation": {}}'
    assert (await _ana(shared_pair, "POST", "/v1/sync/changes", body)).status == 200


async def test_an_id_may_be_written_in_upper_case(shared_pair: Pair) -> None:
    shouted = shared_pair.conversation_id.upper()
    assert (await _ana(shared_pair, "GET", f"/v1/conversations/{shouted}/messages")).status == 200
    news = await shared_pair.ana.changes({shouted: 9_007_199_254_740_991})
    assert news["conversations"][shared_pair.conversation_id]["status"] == "reset"
    opened = await shared_pair.ana.call(
        "POST", "/v1/conversations/direct", {"other_user_id": shared_pair.ben.id.upper()}
    )
    assert opened.json()["data"]["id"] == shared_pair.conversation_id


@pytest.mark.parametrize("version", ["1", "4", "7", "8", "f"])
async def test_an_id_of_any_version_is_read(shared_pair: Pair, version: str) -> None:
    odd = f"01234567-89ab-{version}def-0123-456789abcdef"
    assert (await shared_pair.ana.changes({odd: 1}))["conversations"][odd] == {"status": "gone"}


@pytest.mark.parametrize("seq", [2**31, 2**40, 2**53 - 1])
async def test_a_seq_beyond_the_head_is_a_reset_however_large(shared_pair: Pair, seq: int) -> None:
    held = {shared_pair.conversation_id: seq}
    assert (await shared_pair.ana.changes(held))["conversations"][shared_pair.conversation_id]["status"] == "reset"
    for direction in ("after_seq", "before_seq"):
        target = f"/v1/conversations/{shared_pair.conversation_id}/messages?{direction}={seq}"
        assert (await _ana(shared_pair, "GET", target)).status == 200


@pytest.mark.parametrize(
    "content",
    [
        "\x1c", "\x1f\x1e", "\u200b", "\u2060", "\ufeff", "\x01", "a\r\nb", " \t.\n ", "\u202eabc", "e\u0301",
        "\U0010ffff", "\ufffe", "x" * 4_000, "\U0001f600" * 4_000, "\x7f", "\u200d", "<b>&amp;</b>",
        "\\u0000",
    ],
)  # fmt: skip
async def test_content_is_kept_and_given_back_exactly_as_sent(shared_pair: Pair, content: str) -> None:
    pair = shared_pair
    sent = await pair.ana.send(pair.conversation_id, uuid4().hex, content)
    assert sent.status_code == 201, sent.text
    seq = sent.json()["data"]["seq"]
    page = await pair.ben.ok("GET", f"/v1/conversations/{pair.conversation_id}/messages?after_seq={seq - 1}")
    assert page["messages"][-1]["content"] == content


@pytest.mark.parametrize("body", [{}, {"display_name": None}, {"display_name": "\u200f\u05d0\u05d1 \U0001f600"}])
async def test_null_means_absent_and_names_are_in_any_script(shared_pair: Pair, body: dict[str, Any]) -> None:
    before = (await shared_pair.ana.ok("GET", "/v1/users/me"))["display_name"]
    changed = await shared_pair.ana.ok("PATCH", "/v1/users/me", body)
    assert changed["display_name"] == (body.get("display_name") or before)


async def test_null_means_absent_wherever_a_field_is_optional(shared_pair: Pair) -> None:
    fields = {"sync_epoch": None, "limit": None, "messages_per_conversation": None, "joined": None}
    assert await shared_pair.ana.changes({}, **fields)
    registered = await shared_pair.service.register("dora", display_name=None, device_name=None)
    assert registered.user["display_name"] == "dora"


async def test_the_scheme_of_a_token_may_be_in_any_case_with_spaces(shared_pair: Pair) -> None:
    token = shared_pair.ana.tokens["access_token"]
    for value in (f"bearer {token}", f"BEARER   {token} "):
        assert (await ask(shared_pair.service.app, "GET", "/v1/users/me", [("authorization", value)])).status == 200


async def test_passwords_are_counted_and_compared_in_nfc(shared_pair: Pair) -> None:
    service = shared_pair.service
    for username, password in (
        ("eva", "e\u0301" * 8),
        ("finn", "\U0001f600" * 128),
        ("gina", " \t\x01\u202e\u200b  x"),
    ):
        assert (await service.register(username, password=password)).user["username"] == username
        assert await service.login(username, password)
    assert await service.login("EVA", "\u00e9" * 8)


async def test_a_number_of_5_000_digits_spoils_one_message_and_not_the_batch(shared_pair: Pair) -> None:
    good = f'"conversation_id": "{shared_pair.conversation_id}", "client_message_id": "{uuid4()}", "content": "hi"'
    body = f'{{"messages": [{{"content": {"7" * 5_000}}}, {{{good}}}, -{"7" * 5_000}, 1e400]}}'
    answer = await _ana(shared_pair, "POST", "/v1/messages/batch", body.encode())
    assert [result["status"] for result in answer.json()["data"]["results"]] == [422, 201, 422, 422]
