"""The hot routes, which pass the framework by, refuse as all others do and are described as they are."""

import json
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import pytest
from structlog.testing import capture_logs

from chatsvc.api.direct import DirectRoute
from chatsvc.api.routes import ROUTES
from chatsvc.app import bare_app
from tests.api.conftest import Pair
from tests.support.raw_http import ask

pytestmark = pytest.mark.asyncio(loop_scope="module")
SEND, BATCH, CHANGES = "/v1/conversations/{id}/messages", "/v1/messages/batch", "/v1/sync/changes"
PATHS = (SEND, BATCH, CHANGES)
OPENING = "/v1/conversations/direct"
"""One that goes through the framework, to compare with."""
NO_OBJECTS = (b"", b" ", b"null", b"[]", b"{", b"5", b'"x"', b"\xff", b"\xef\xbb\xbf{}", b"NaN", b"{}{}", b"[" * 3_000)
Refusal = tuple[int, Any, str | None]


async def refusal(
    pair: Pair, path: str, body: bytes, token: str | None = "", query: str = "", method: str = "POST"
) -> Refusal:
    """The status, the error and the challenge. No token at all where it is None, Ana's own where it is empty."""
    headers = [] if token is None else [("authorization", token or f"Bearer {pair.ana.tokens['access_token']}")]
    answer = await ask(pair.service.app, method, path.replace("{id}", pair.conversation_id) + query, headers, body)
    return answer.status, answer.json().get("error"), answer.header("www-authenticate")


async def test_these_are_the_direct_routes() -> None:
    found = {route.path for route in ROUTES if isinstance(route, DirectRoute)}
    assert {path.replace("{id}", "{conversation_id}") for path in PATHS} == found


@pytest.mark.parametrize("path", PATHS)
async def test_a_body_that_is_no_object_is_refused_as_elsewhere(shared_pair: Pair, path: str) -> None:
    for body in NO_OBJECTS:
        told = await refusal(shared_pair, path, body)
        assert told[0] == 422, body
        assert told == await refusal(shared_pair, OPENING, body), body


@pytest.mark.parametrize("path", PATHS)
async def test_unknown_and_missing_fields_are_named_as_elsewhere(shared_pair: Pair, path: str) -> None:
    status, error, _ = await refusal(shared_pair, path, b'{"surprise": 1}')
    problems = {problem["field"]: problem["message"] for problem in error["details"]}
    assert (status, problems.pop("surprise")) == (422, "is not a known field")
    assert problems
    assert set(problems.values()) == {"is required"}


@pytest.mark.parametrize("path", PATHS)
async def test_who_asks_comes_before_what_is_asked_and_how(shared_pair: Pair, path: str) -> None:
    for token in (None, "Bearer", "Bearer ", "Basic abc", "Bearer x.y.z", "bearer nothing", "Bearer \u00e9"):
        for body, query in ((b"{", ""), (b"", ""), (b"{}", "?x=%ff")):
            told = await refusal(shared_pair, path, body, token, query)
            assert told[0] == 401, token
            assert told == await refusal(shared_pair, OPENING, body, token, query), token


@pytest.mark.parametrize("path", PATHS)
async def test_a_query_that_is_not_utf8_is_refused_as_elsewhere(shared_pair: Pair, path: str) -> None:
    for query in ("?x=%ff", "?%C3=1", "?x=%ed%a0%80"):
        told = await refusal(shared_pair, path, b"{}", query=query)
        assert told[0] == 422
        assert told == await refusal(shared_pair, OPENING, b"{}", query=query)


async def test_what_a_text_may_not_hold_is_refused_by_its_field(shared_pair: Pair) -> None:
    for odd in ("\0", "a\0b", "\ud800", ""):
        body = json.dumps({"client_message_id": "k", "content": odd}).encode()
        status, error, _ = await refusal(shared_pair, SEND, body)
        assert (status, [problem["field"] for problem in error["details"]]) == (422, ["content"]), odd
    status, error, _ = await refusal(shared_pair, "/v1/conversations/a%00b/messages", b'{"content": "x"}')
    assert (status, error["code"]) == (422, "invalid_request")


Parts = list[tuple[bytes, bool]]
"""Of a body, and after each whether more is to come."""


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("parts", [[], [(b"{", True)], [(b"{", True)] * 2])
async def test_a_client_that_goes_away_in_its_body_is_no_crash(shared_pair: Pair, path: str, parts: Parts) -> None:
    with capture_logs() as lines:
        assert await _status_of(shared_pair, path.replace("{id}", str(uuid4())), parts) == 422
    assert [line["event"] for line in lines if line["log_level"] != "info"] == []


async def test_a_body_in_parts_is_read_to_its_end(shared_pair: Pair) -> None:
    path = SEND.replace("{id}", shared_pair.conversation_id)
    begun = [(b'{"client_message_id": "in-parts", ', True), (b'"content": "x"}', True)]
    assert await _status_of(shared_pair, path, begun) == 422  # what looks whole and has no end is not stored
    assert await _status_of(shared_pair, path, [*begun, (b"", False)]) == 201


@pytest.mark.parametrize("path", PATHS)
async def test_each_answer_carries_the_id_of_its_request(shared_pair: Pair, path: str) -> None:
    target = path.replace("{id}", shared_pair.conversation_id)
    for call in (shared_pair.ana.call, shared_pair.service.call):  # with a token and without one
        given = await call("POST", target, {}, headers={"X-Request-ID": "find-me"})
        made = [(await call("POST", target, {})).headers["x-request-id"] for _ in range(2)]
        assert given.headers.get_list("x-request-id") == ["find-me"]
        assert len(set(made)) == 2


async def test_the_document_describes_them_by_their_signature() -> None:
    paths = bare_app().openapi()["paths"]
    for path in PATHS:
        operation = paths[path.replace("{id}", "{conversation_id}")]["post"]
        (content,) = operation["requestBody"]["content"].items()
        assert (content[0], operation["requestBody"]["required"]) == ("application/json", True)
        assert content[1]["schema"]["$ref"].startswith("#/components/schemas/")
        named = [parameter["name"] for parameter in operation.get("parameters", [])]
        assert named == (["conversation_id"] if path == SEND else [])
        successes = {status for status in operation["responses"] if status.startswith("2")}
        assert successes == ({"200", "201"} if path == SEND else {"200"})


async def _status_of(pair: Pair, path: str, parts: Parts) -> int:
    """What Ana is told, who is gone after these parts."""
    came: Iterator[dict[str, Any]] = iter(
        [{"type": "http.request", "body": body, "more_body": more} for body, more in parts]
        + [{"type": "http.disconnect"}] * 3
    )
    sent: list[dict[str, Any]] = []

    async def receive() -> dict[str, Any]:
        return next(came)

    async def send(message: Any) -> None:
        sent.append(message)

    token = f"Bearer {pair.ana.tokens['access_token']}".encode()
    await pair.service.app(_scope(path, token), receive, send)
    (status,) = (message["status"] for message in sent if "status" in message)
    return int(status)


def _scope(path: str, token: bytes) -> dict[str, Any]:
    common = {"type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "scheme": "http", "root_path": ""}
    where = {"method": "POST", "path": path, "raw_path": path.encode(), "query_string": b"", "client": ("test", 1)}
    return {**common, **where, "headers": [(b"authorization", token)], "server": ("test", 80)}
