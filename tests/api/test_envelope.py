"""What every answer carries: headers, the request's id, compression; and what a crash looks like."""

import gzip
import re
from collections.abc import AsyncIterator
from itertools import product
from pathlib import Path

import httpx2
import pytest

from chatsvc.errors import TryAgain
from tests.api.conftest import Pair, pair_in
from tests.support.raw_http import ask, connected, listening
from tests.support.service import Service, running_service, service_settings

ORIGIN = "https://app.example"
OURS = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}")
ALL_PATHS = (
    "/v1/users/me",
    "/v1/server",
    "/v1/nothing",
    "/healthz",
    "/readyz",
    "/metrics",
    "/nothing",
    "/openapi.json",
)


@pytest.fixture
async def browsed(database_url: str, data_dir: Path) -> AsyncIterator[Pair]:
    """A service that browsers of one origin may call."""
    async with running_service(service_settings(database_url, data_dir, cors_origins=ORIGIN, hsts=True)) as service:
        yield await pair_in(service)


async def _drop(service: Service, table: str) -> None:
    async with service.inside.db.engines.writer.connect() as connection:
        await connection.exec_driver_sql(f"ALTER TABLE {table} RENAME TO {table}_gone")
        await connection.commit()


async def test_every_answer_is_guarded_against_misreading(service: Service) -> None:
    for method, path in product(("GET", "POST", "OPTIONS"), ALL_PATHS):
        headers = (await service.call(method, path)).headers
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["content-security-policy"] == "default-src 'none'; frame-ancestors 'none'"
        assert headers["referrer-policy"] == "no-referrer"
        assert headers["cross-origin-resource-policy"] == "same-origin"
        assert (headers.get("cache-control") == "no-store") == path.startswith("/v1")
        assert "strict-transport-security" not in headers
        assert "set-cookie" not in headers
        assert OURS.fullmatch(headers["x-request-id"])


async def test_hsts_is_sent_when_it_is_set(browsed: Pair) -> None:
    for path in ALL_PATHS:
        sent = (await browsed.service.call("GET", path)).headers["strict-transport-security"]
        assert sent == "max-age=31536000; includeSubDomains"


async def test_the_server_names_no_software(service: Service) -> None:
    async with listening(service.app, service.inside.settings) as port:
        for target in ("/healthz", "/v1/nothing"):
            async with connected(port) as wire:
                await wire.request("GET", target)
                answer = await wire.answer()
        assert answer.header("server") is None
        told = str([pair for pair in answer.headers if pair[0] != "date"]).lower()
        assert not re.search("uvicorn|starlette|fastapi|python|h11|httptools", told)


async def test_a_request_id_of_the_client_is_taken_over(service: Service) -> None:
    fit = ("a", "A-Z_0.9", "x" * 128, "01234567-89ab-4def-8123-456789abcdef")
    for given, path in product(fit, ("/healthz", "/v1/nothing", "/v1/users/me")):
        assert (await service.call("GET", path, headers={"X-Request-ID": given})).headers["x-request-id"] == given


async def test_an_unfit_request_id_is_replaced(service: Service) -> None:
    for given in ("", " ", "x" * 129, "a b", "a\tb", "é", "a/b", "a:b", "<script>", "a,b", "٣", "a\n"):
        answer = await ask(service.app, "GET", "/healthz", [("x-request-id", given)])
        assert OURS.fullmatch(answer.header("x-request-id") or ""), given


async def test_a_crash_is_an_envelope_that_a_browser_may_read(browsed: Pair) -> None:
    await browsed.ana.send(browsed.conversation_id, "first")
    await _drop(browsed.service, "messages")
    headers = {"Origin": ORIGIN, "X-Request-ID": "find-me"}
    crashed = await browsed.ana.call("GET", f"/v1/conversations/{browsed.conversation_id}/messages", headers=headers)
    assert crashed.status_code == 500
    assert crashed.json()["error"]["code"] == "internal_error"
    assert crashed.json()["error"].keys() == {"code", "message"}
    assert crashed.headers["x-request-id"] == "find-me"
    assert crashed.headers["access-control-allow-origin"] == ORIGIN
    assert crashed.headers["x-content-type-options"] == "nosniff"
    assert crashed.headers["cache-control"] == "no-store"
    assert crashed.headers["content-type"] == "application/json"
    assert (await browsed.ana.send(browsed.conversation_id, "k")).status_code == 500
    assert (await browsed.service.call("GET", "/healthz")).status_code == 200


async def test_a_crash_of_what_the_service_leans_on_is_an_envelope(pair: Pair, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pair.service.inside, "liveness", None)
    assert (await pair.ana.call("GET", "/v1/users/me")).json()["error"]["code"] == "internal_error"


def _challenge(answer: httpx2.Response) -> tuple[str, str | None]:
    return answer.json()["error"]["code"], answer.headers.get("www-authenticate")


async def test_a_missing_token_is_challenged_and_a_wrong_password_is_not(pair: Pair) -> None:
    service = pair.service
    assert _challenge(await service.call("GET", "/v1/users/me")) == ("access_token_missing", "Bearer")
    wrong = await service.call("GET", "/v1/users/me", headers={"Authorization": "Bearer x"})
    assert _challenge(wrong) == ("access_token_invalid", 'Bearer error="invalid_token"')
    service.clock.advance(hours=1)
    code, challenge = _challenge(await pair.ana.call("GET", "/v1/users/me"))
    assert (code, str(challenge).startswith('Bearer error="invalid_token"')) == ("access_token_expired", True)
    login = {"username": "nobody", "password": "x"}
    assert _challenge(await service.call("POST", "/v1/auth/login", login)) == ("invalid_credentials", None)
    refused = await service.call("POST", "/v1/auth/refresh", {"refresh_token": "x"})
    assert _challenge(refused) == ("refresh_token_invalid", None)


async def test_503_says_when_to_come_back(service: Service) -> None:
    service.inside.draining = True
    answer = await service.call("GET", "/readyz")
    assert (answer.status_code, answer.json()["error"]["code"]) == (503, TryAgain.code)
    assert int(answer.headers["retry-after"]) >= 1


async def test_long_answers_are_compressed_only_when_asked(pair: Pair) -> None:
    for number in range(5):
        await pair.ana.send(pair.conversation_id, f"k{number}", "hello " * 100)
    path = f"/v1/conversations/{pair.conversation_id}/messages"
    plain = await pair.ana.call("GET", path, headers={"Accept-Encoding": "identity"})
    assert "content-encoding" not in plain.headers
    assert int(plain.headers["content-length"]) == len(plain.content) > 1_024
    async with pair.service.client.stream(
        "GET", path, headers={"Accept-Encoding": "gzip", "Authorization": f"Bearer {pair.ana.tokens['access_token']}"}
    ) as packed:
        raw = b"".join([part async for part in packed.aiter_raw()])
    assert packed.headers["content-encoding"] == "gzip"
    assert "accept-encoding" in packed.headers["vary"].lower()
    assert gzip.decompress(raw) == plain.content
    assert len(raw) < len(plain.content) / 5
    short = await pair.ana.call("GET", "/v1/users/me", headers={"Accept-Encoding": "gzip"})
    assert "content-encoding" not in short.headers
