"""Browsers: exact origins, every refusal readable, preflights in the envelope."""

from collections.abc import AsyncIterator
from pathlib import Path

import httpx2
import pytest

from tests.api.conftest import Pair, pair_in
from tests.support.service import running_service, service_settings

ORIGIN = "https://app.example"


@pytest.fixture
async def browsed(database_url: str, data_dir: Path) -> AsyncIterator[Pair]:
    settings = service_settings(
        database_url, data_dir, cors_origins=f"{ORIGIN},https://b.example", max_body_bytes=1_024
    )
    async with running_service(settings) as service:
        yield await pair_in(service)


async def _preflight(pair: Pair, origin: str, method: str = "POST", headers: str | None = None) -> httpx2.Response:
    sent = {"Origin": origin, "Access-Control-Request-Method": method}
    if headers is not None:
        sent["Access-Control-Request-Headers"] = headers
    return await pair.service.call("OPTIONS", "/v1/sync/changes", headers=sent)


async def test_the_preflight_of_an_origin_that_may_call_is_answered_in_the_envelope(browsed: Pair) -> None:
    methods = ("GET", "POST", "PATCH", "DELETE")
    for method in methods:
        assert (await _preflight(browsed, ORIGIN, method)).status_code == 200
    answer = await _preflight(browsed, ORIGIN, "POST", "authorization, Content-Type,X-Request-ID")
    assert (answer.status_code, answer.json()) == (200, {"data": {}})
    assert answer.headers["access-control-allow-origin"] == ORIGIN
    assert answer.headers["access-control-allow-methods"] == ", ".join(methods)
    assert "authorization" in answer.headers["access-control-allow-headers"].lower()
    assert "origin" in answer.headers["vary"].lower()
    assert "access-control-allow-credentials" not in answer.headers
    assert answer.headers["content-type"] == "application/json"
    assert int(answer.headers["content-length"]) == len(answer.content)


REFUSED = (
    ("https://evil.example", "POST", None),
    ("https://app.example.evil.example", "POST", None),
    ("http://app.example", "POST", None),
    ("https://app.example:8443", "POST", None),
    ("null", "POST", None),
    ("https://evil.example/MARKER", "GET", None),
    (ORIGIN, "PUT", None),
    (ORIGIN, "POST", "x-marker"),
)


async def test_a_refused_preflight_is_an_envelope(browsed: Pair) -> None:
    for origin, method, headers in REFUSED:
        answer = await _preflight(browsed, origin, method, headers)
        assert (answer.status_code, answer.json()["error"]["code"]) == (422, "invalid_request")
        assert "marker" not in f"{answer.text}{answer.headers}".lower()
        assert ("access-control-allow-origin" in answer.headers) == (origin == ORIGIN)
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["x-request-id"]


async def test_every_kind_of_answer_may_be_read_by_the_origin(browsed: Pair) -> None:
    headers = {"Origin": ORIGIN}
    answers = [
        await browsed.ana.call("GET", "/v1/users/me", headers=headers),
        await browsed.service.call("GET", "/v1/users/me", headers=headers),
        await browsed.service.call("GET", "/v1/nothing", headers=headers),
        await browsed.service.call("PUT", "/v1/users/me", headers=headers),
        await browsed.service.call("OPTIONS", "/v1/users/me", headers=headers),
        await browsed.service.call("POST", "/v1/auth/login", headers=headers, content=b"x" * 2_000),
        await browsed.service.call("POST", "/v1/auth/login", headers=headers, content=b"x"),
    ]
    assert [answer.status_code for answer in answers] == [200, 401, 404, 405, 405, 413, 422]
    for answer in answers:
        assert answer.headers["access-control-allow-origin"] == ORIGIN
        assert "origin" in answer.headers["vary"].lower()
        exposed = answer.headers["access-control-expose-headers"].lower()
        assert "x-request-id" in exposed
        assert "retry-after" in exposed


async def test_an_origin_that_may_not_call_is_told_nothing(browsed: Pair) -> None:
    answer = await browsed.ana.call("GET", "/v1/users/me", headers={"Origin": "https://evil.example"})
    assert "access-control-allow-origin" not in answer.headers
    assert "origin" in answer.headers["vary"].lower()


async def test_without_origins_a_preflight_is_refused(pair: Pair) -> None:
    answer = await _preflight(pair, ORIGIN)
    assert (answer.status_code, answer.json()["error"]["code"]) == (422, "invalid_request")
