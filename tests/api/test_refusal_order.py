"""Refusals come in one order: 413; 401; 422; a replay or its conflict; 404; 400 and 409; 429."""

from collections.abc import AsyncIterator
from pathlib import Path

import httpx2
import pytest

from tests.api.conftest import Pair, pair_in
from tests.support.service import Device, running_service, service_settings

BAD = b"{"
NOWHERE = "00000000-0000-7000-8000-000000000000"


@pytest.fixture
async def spent(database_url: str, data_dir: Path) -> AsyncIterator[Pair]:
    """Two people; what Ana may open, search and send is used up, each with her one time."""
    rates = {"limit_open": "1/3600", "limit_send": "1/3600", "limit_search": "1/3600"}
    settings = service_settings(database_url, data_dir, rate_limits="on", max_body_bytes=100_000, **rates)
    async with running_service(settings) as service:
        pair = await pair_in(service)
        assert (await pair.ana.send(pair.conversation_id, "first", "hi")).status_code == 201
        assert (await pair.ana.call("GET", "/v1/users/search?query=ben")).status_code == 200
        yield pair


def _code(answer: httpx2.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["error"]["code"]


async def _send(device: Device, path: str, body: bytes) -> tuple[int, str]:
    return _code(await device.call("POST", path, content=body))


async def test_a_body_that_is_too_long_comes_before_everything(spent: Pair) -> None:
    too_long = BAD + b" " * 100_000
    for path in ("/v1/sync/changes", "/v1/auth/login", "/v1/no/such/route", f"/v1/conversations/{NOWHERE}/messages"):
        assert _code(await spent.service.call("POST", path, content=too_long)) == (413, "payload_too_large")
        assert await _send(spent.ana, path, too_long) == (413, "payload_too_large")
    assert _code(await spent.service.call("PUT", "/v1/users/me", content=too_long)) == (413, "payload_too_large")


async def test_who_asks_comes_before_what_is_asked(spent: Pair) -> None:
    for path in ("/v1/sync/changes", "/v1/messages/batch", f"/v1/conversations/{NOWHERE}/messages"):
        assert _code(await spent.service.call("POST", path, content=BAD)) == (401, "access_token_missing")
        assert await _send(spent.ana, path, BAD) == (422, "invalid_request")


async def test_a_missing_route_needs_no_token(spent: Pair) -> None:
    assert _code(await spent.service.call("GET", "/v1/nothing")) == (404, "not_found")
    assert _code(await spent.service.call("GET", "/v1/messages/batch")) == (405, "method_not_allowed")


async def test_too_many_entries_come_before_a_malformed_field(spent: Pair) -> None:
    entries = ",".join(f'"{number}":0' for number in range(5_001)).encode()
    body = b'{"limit": 0, "sync_epoch": 5, "x": 1, "after_seq_by_conversation": {%s}}' % entries
    answer = await spent.ana.call("POST", "/v1/sync/changes", content=body)
    assert _code(answer) == (413, "payload_too_large")
    assert answer.json()["error"]["details"] == {"max_entries": 5_000}


async def test_a_map_that_is_too_long_for_a_url_comes_before_a_malformed_parameter(spent: Pair) -> None:
    answer = await spent.ana.call("GET", f"/v1/sync/changes?limit=0&after_seq_by_conversation={'x' * 8_193}")
    assert _code(answer) == (413, "payload_too_large")
    assert answer.json()["error"]["details"] == {"max_bytes": 8_192}


async def test_a_malformed_request_comes_before_what_is_not_found(spent: Pair) -> None:
    for path in (f"/v1/conversations/{NOWHERE}/messages", "/v1/conversations/nothing/messages"):
        assert await _send(spent.ana, path, b'{"client_message_id": "", "content": "hi"}') == (422, "invalid_request")
    answer = await spent.ana.call("GET", f"/v1/conversations/{NOWHERE}/messages?limit=0")
    assert _code(answer) == (422, "invalid_request")


async def test_a_key_that_was_used_comes_before_membership_and_allowance(spent: Pair) -> None:
    assert (await spent.ana.send(spent.conversation_id, "first", "hi")).status_code == 200
    for where, content in ((spent.conversation_id, "other"), (NOWHERE, "hi"), ("nothing", "hi")):
        answer = await spent.ana.send(where, "first", content)
        assert _code(answer) == (409, "idempotency_conflict")
        assert answer.json()["error"]["details"]["conversation_id"] == spent.conversation_id


async def test_what_is_not_found_comes_before_the_allowance(spent: Pair) -> None:
    for where in (NOWHERE, "nothing"):
        assert _code(await spent.ana.send(where, "second")) == (404, "conversation_not_found")
    assert _code(await spent.ana.send(spent.conversation_id, "second")) == (429, "rate_limited")


async def test_opening_is_refused_in_the_same_order(spent: Pair) -> None:
    told = {
        NOWHERE: (404, "user_not_found"),
        spent.ana.id: (400, "cannot_message_self"),
        (await spent.service.newcomer()).id: (429, "rate_limited"),
    }
    for other, refusal in told.items():
        assert _code(await spent.ana.call("POST", "/v1/conversations/direct", {"other_user_id": other})) == refusal
    assert await spent.ana.open_direct(spent.ben) == spent.conversation_id


async def test_a_malformed_search_costs_no_allowance_and_is_told_first(spent: Pair) -> None:
    assert _code(await spent.ana.call("GET", "/v1/users/search?query=")) == (422, "invalid_request")
    assert _code(await spent.ana.call("GET", "/v1/users/search?query=ben")) == (429, "rate_limited")
    assert _code(await spent.ben.call("GET", "/v1/users/search?query=%00")) == (422, "invalid_request")
    assert (await spent.ben.call("GET", "/v1/users/search?query=ana")).status_code == 200
