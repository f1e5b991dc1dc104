"""The bound on bodies, on a real socket: a 413 arrives while the client still writes, and nothing waits for ever."""

import asyncio
import json
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.api.conftest import Pair, pair_in
from tests.support.raw_http import RawAnswer, Wire, connected, listening
from tests.support.service import running_service, service_settings

MAX = 100_000
CHUNKED = [("transfer-encoding", "chunked")]


@pytest.fixture
async def pair(database_url: str, data_dir: Path) -> AsyncIterator[Pair]:
    async with running_service(service_settings(database_url, data_dir, max_body_bytes=MAX)) as service:
        yield await pair_in(service)


@pytest.fixture
async def wire(pair: Pair) -> AsyncIterator[Wire]:
    """A connection to the service."""
    async with listening(pair.service.app, pair.service.inside.settings) as port, connected(port) as connection:
        yield connection


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("chatsvc.api.body_limit._DRAIN_SECONDS", 0.5)  # 5 in earnest


def _refused(answer: RawAnswer) -> bool:
    error = {"code": "payload_too_large", "message": "The request is too large.", "details": {"max_bytes": MAX}}
    return (answer.status, answer.json(), answer.header("connection")) == (413, {"error": error}, "close")


def _chunk(data: bytes) -> bytes:
    return b"%x\r\n%s\r\n" % (len(data), data)


async def _write_on(wire: Wire, data: bytes, times: int) -> None:
    for _ in range(times):
        await wire.send(data)


def _exactly(pair: Pair, size: int) -> tuple[list[tuple[str, str]], bytes]:
    """A request that is good, of so many bytes."""
    body = json.dumps({"after_seq_by_conversation": {}}).encode()
    return [("authorization", f"Bearer {pair.ana.tokens['access_token']}")], body + b" " * (size - len(body))


async def test_a_declared_length_beyond_the_bound_is_refused_before_the_body(wire: Wire) -> None:
    await wire.request("POST", "/v1/sync/changes", [("content-length", str(MAX + 1))])
    assert _refused(await wire.answer(0.3))


@pytest.mark.parametrize("encoding", ["gzip", "identity"])
async def test_the_answer_arrives_whole_while_the_client_is_still_writing(wire: Wire, encoding: str) -> None:
    headers = [("content-length", str(50 * MAX)), ("accept-encoding", encoding)]
    await wire.request("POST", "/v1/sync/changes", headers)
    writing = asyncio.create_task(_write_on(wire, b"x" * MAX, 50))
    assert _refused(await wire.answer(0.4))
    await writing
    assert await wire.closed()


async def test_a_chunked_body_beyond_the_bound_is_refused_while_it_is_being_written(wire: Wire) -> None:
    await wire.request("POST", "/v1/sync/changes", CHUNKED)
    writing = asyncio.create_task(_write_on(wire, _chunk(b"x" * 10_000), 300))
    assert _refused(await wire.answer())
    await writing
    await wire.send(b"0\r\n\r\n")
    assert await wire.closed()


@pytest.mark.parametrize("how", ["declared", "chunked"])
async def test_the_bound_itself_is_no_refusal_and_the_connection_lives_on(pair: Pair, wire: Wire, how: str) -> None:
    for _ in range(2):
        headers, body = _exactly(pair, MAX)
        if how == "chunked":
            half = _chunk(body[:50_000]) + _chunk(body[50_000:]) + b"0\r\n\r\n"
            await wire.request("POST", "/v1/sync/changes", [*headers, *CHUNKED], half)
        else:
            await wire.request("POST", "/v1/sync/changes", [*headers, ("content-length", str(MAX))], body)
        answer = await wire.answer()
        assert answer.status == 200, answer.body


@pytest.mark.parametrize("how", ["declared", "chunked"])
async def test_one_byte_more_is_refused(pair: Pair, wire: Wire, how: str) -> None:
    headers, body = _exactly(pair, MAX + 1)
    if how == "chunked":
        await wire.request("POST", "/v1/sync/changes", [*headers, *CHUNKED], _chunk(body) + b"0\r\n\r\n")
    else:
        await wire.request("POST", "/v1/sync/changes", [*headers, ("content-length", str(len(body)))], body)
    assert _refused(await wire.answer())
    assert await wire.closed(0.3)  # there is nothing left to read


@pytest.mark.parametrize("pause", [0.05, 10])
async def test_a_client_that_writes_slowly_is_not_waited_for(wire: Wire, pause: float) -> None:
    await wire.request("POST", "/v1/sync/changes", [("content-length", str(10 * MAX))])
    assert _refused(await wire.answer())
    begun = time.monotonic()

    async def drip() -> None:
        while True:
            await wire.send(b"x")
            await asyncio.sleep(pause)

    dripping = asyncio.create_task(drip())
    assert await wire.closed(3)
    dripping.cancel()
    await asyncio.gather(dripping, return_exceptions=True)
    assert 0.3 < time.monotonic() - begun < 2


async def test_what_follows_a_refused_body_on_the_connection_is_never_a_request(pair: Pair, wire: Wire) -> None:
    smuggled = b"DELETE /v1/auth/sessions/x HTTP/1.1\r\nhost: test\r\n\r\n"
    await wire.request("POST", "/v1/sync/changes", [("content-length", str(MAX + 1))], smuggled)
    assert _refused(await wire.answer())
    assert await wire.closed()
    assert len((await pair.ana.ok("GET", "/v1/auth/sessions"))["sessions"]) == 1


async def test_a_client_that_asks_first_is_told_before_it_sends(pair: Pair, wire: Wire) -> None:
    await wire.request("POST", "/v1/sync/changes", [("content-length", str(MAX + 1)), ("expect", "100-continue")])
    assert _refused(await wire.answer(0.4))


async def test_a_client_that_hangs_up_in_the_middle_harms_nobody(pair: Pair) -> None:
    async with listening(pair.service.app, pair.service.inside.settings) as port:
        for headers in ([("content-length", "5000")], [("content-length", str(2 * MAX))], CHUNKED):
            async with connected(port) as wire:
                token = ("authorization", f"Bearer {pair.ana.tokens['access_token']}")
                await wire.request("POST", "/v1/sync/changes", [*headers, token], b"5\r\nhello\r\n")
        await asyncio.sleep(0.1)
    told = pair.service.inside.metrics.render().decode()
    assert 'status="500"' not in told
    assert "chatsvc_requests_in_flight 0.0" in told


async def test_a_length_that_is_no_number_is_refused(wire: Wire) -> None:
    await wire.request("POST", "/v1/sync/changes", [("content-length", "1_000")], b"{}")
    assert (await wire.answer()).status in {400, 422}
