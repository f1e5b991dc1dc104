"""Spans of requests, commands, queries and statements, as a collector gets them; and what is never in them."""

import asyncio
import socket
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest

from chatsvc.api import otlp_traces
from chatsvc.app import create_app
from chatsvc.db import Tx
from chatsvc.db.transaction import RunAgain
from chatsvc.server.refusals import SERVING_ERRORS, why_not_served
from chatsvc.settings import Settings
from tests.api.conftest import pair_in
from tests.support.collector import Collector, collecting
from tests.support.databases import DatabaseKind
from tests.support.service import PASSWORD, running_service, service_settings

SEND = "POST /v1/conversations/{conversation_id}/messages"
KINDS = ("access_token", "refresh_token")
REFUSED_ROWS = {"23502", "23514", "SQLITE_CONSTRAINT_NOTNULL", "SQLITE_CONSTRAINT_CHECK"}
CALLER = "0af7651916cd43dd8448eb211c80319c"


@pytest.fixture
def collector(monkeypatch: pytest.MonkeyPatch) -> Iterator[Collector]:
    with collecting() as found:
        monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", found.endpoint)
        yield found


@pytest.fixture
def on_postgres(postgresql: DatabaseKind) -> Iterator[str]:
    """SQLite has no replica."""
    with postgresql.fresh() as url:
        yield url


async def test_a_send_is_followed_from_the_caller_to_the_statements(
    database_url: str, data_dir: Path, collector: Collector
) -> None:
    async with running_service(service_settings(database_url, data_dir, traces="otlp")) as service:
        pair = await pair_in(service)
        body = {"client_message_id": "k", "content": "hello"}
        headers = {"traceparent": f"00-{CALLER}-b7ad6b7169203331-01", "X-Request-ID": "r-1"}
        await pair.ana.call("POST", f"/v1/conversations/{pair.conversation_id}/messages", body, headers=headers)
        await service.call("GET", "/healthz")
        await service.call("GET", "/metrics")
    assert collector.services == {"chatsvc"}
    (request,) = collector.named(SEND)
    assert (request.trace_id, request.parent_id) == (CALLER, "b7ad6b7169203331")
    assert request.attributes["http.response.status_code"] == 201
    assert request.attributes["http.route"] == SEND.partition(" ")[2]
    assert request.attributes["chatsvc.request_id"] == "r-1"
    waited, *_ = [span for span in collector.below(request) if span.name == "send_messages"]
    (group,) = collector.below(waited)
    assert group.name == "send_messages together"
    assert (group.attributes["chatsvc.group_units"], group.attributes["chatsvc.attempts"]) == (1, 1)
    statements = collector.below(group)
    system = "sqlite" if database_url.startswith("sqlite") else "postgresql"
    assert {span.attributes["db.system.name"] for span in statements} == {system}
    assert any("INSERT INTO messages" in span.attributes["db.query.text"] for span in statements)
    assert not any(span.name.endswith(("/healthz", "/metrics")) for span in collector.spans)
    assert not any(span.failed for span in collector.spans)


async def test_those_of_a_group_lead_to_it(database_url: str, data_dir: Path, collector: Collector) -> None:
    async with running_service(service_settings(database_url, data_dir, traces="otlp")) as service:
        pair = await pair_in(service)
        await asyncio.gather(*(pair.ana.send(pair.conversation_id, f"k{at}") for at in range(8)))
    groups = collector.named("send_messages together")
    assert sum(group.attributes["chatsvc.group_units"] for group in groups) == 8
    waited = collector.named("send_messages")
    led_to = [link for span in waited for link in span.linked_to] + [
        group.span_id for group in groups for span in waited if group.parent_id == span.span_id
    ]
    expected = [group.span_id for group in groups for _ in range(group.attributes["chatsvc.group_units"])]
    assert sorted(led_to) == sorted(expected)


async def test_attempts_are_counted_and_refusals_told_by_their_code(
    database_url: str, data_dir: Path, collector: Collector
) -> None:
    tries = 0

    async def third_time(tx: Tx, _: None) -> None:
        nonlocal tries
        tries += 1
        if tries < 3:
            raise RunAgain

    async with running_service(service_settings(database_url, data_dir, traces="otlp")) as service:
        await service.inside.db.execute(third_time, None)
        ana = await service.newcomer()
        assert (await ana.call("GET", f"/v1/users/{service.inside.db.now():%H}")).status_code == 404
        assert (await ana.refresh("nobody's")).status_code == 401
    (command,) = collector.named("third_time")
    assert command.attributes["chatsvc.attempts"] == 3
    (refused,) = collector.named("rotate_token")
    assert refused.attributes["error.type"] == "refresh_token_invalid"
    assert not refused.failed


async def test_what_a_replica_may_not_decide_is_one_query_with_two_attempts(
    on_postgres: str, data_dir: Path, collector: Collector
) -> None:
    settings = service_settings(on_postgres, data_dir, read_database_url=on_postgres, traces="otlp")
    async with running_service(settings) as service:
        pair = await pair_in(service)
        await pair.ana.changes({pair.conversation_id: 0})
        assert (await pair.ana.call("GET", f"/v1/conversations/{uuid4()}/messages")).status_code == 404
    (decided,) = collector.named("history")
    assert (decided.attributes["chatsvc.attempts"], decided.attributes["error.type"]) == (2, "conversation_not_found")
    (asked,) = collector.named("changes")
    (group,) = collector.below(asked)
    assert (group.name, group.attributes["chatsvc.attempts"]) == ("changes together", 1)


async def test_no_secret_and_nothing_that_people_wrote_is_in_a_span(
    database_url: str, data_dir: Path, collector: Collector
) -> None:
    async with running_service(service_settings(database_url, data_dir, traces="otlp")) as service:
        signed_up = await service.register("anna.x", display_name="Anna Canary")
        ben = await service.register("ben.x")
        ana = await service.login("anna.x")
        talk = await ana.open_direct(ben)
        await ana.send(talk, "key-canary", "message canary")
        await ana.send(talk, "key-canary", "another canary")  # refused
        await ana.batch([{"conversation_id": talk, "client_message_id": "2", "content": "batched canary"}])
        await ana.call("GET", "/v1/users/search?query=searched-canary")
        await ana.call("GET", "/v1/path-canary?token=query-canary")
        await ana.call("POST", "/v1/messages/batch", {"messages": "malformed canary"})
        await ana.call("PATCH", "/v1/users/me", {"display_name": "Named Canary"})
        refreshed = (await ana.refresh()).json()["data"]["tokens"]
        service.inside.tokens = None  # type: ignore[assignment]
        with_traces = await service.call("POST", "/v1/auth/login", {"username": "anna.x", "password": PASSWORD})
        assert with_traces.status_code == 500
    told = b"".join(collector.sent)
    assert len(collector.spans) > 40
    assert b"canary" not in told.lower()
    assert b"anna.x" not in told
    for secret in (
        PASSWORD,
        *(tokens[kind] for tokens in (signed_up.tokens, ana.tokens, refreshed) for kind in KINDS),
    ):
        assert secret.encode() not in told
        assert secret.rpartition(".")[2].encode() not in told


async def test_what_a_database_quotes_is_not_in_a_span(database_url: str, data_dir: Path, collector: Collector) -> None:
    """The message of a refused row holds the row."""

    async def refused(tx: Tx, _: None) -> None:
        await tx.connection.exec_driver_sql("INSERT INTO service_state (id) VALUES (7)")

    async with running_service(service_settings(database_url, data_dir, traces="otlp")) as service:
        with pytest.raises(Exception, match="service_state"):
            await service.inside.db.execute(refused, None)
    (command,) = collector.named("refused")
    (statement,) = collector.below(command)
    assert command.failed
    assert statement.failed
    assert statement.attributes["error.type"] in {
        "23502",
        "23514",
        "SQLITE_CONSTRAINT_NOTNULL",
        "SQLITE_CONSTRAINT_CHECK",
    }
    told = b"".join(collector.sent)
    assert b"violates" not in told
    assert b"constraint failed" not in told


async def test_a_collector_that_hangs_holds_up_neither_requests_nor_the_end(
    database_url: str, data_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(otlp_traces, "_LAST_WORDS_SECONDS", 0.1)
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_TIMEOUT", "4")
    monkeypatch.setenv("OTEL_BSP_SCHEDULE_DELAY", "1")
    with socket.create_server(("127.0.0.1", 0)) as silent:
        monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", f"http://127.0.0.1:{silent.getsockname()[1]}")
        async with running_service(service_settings(database_url, data_dir, traces="otlp")) as service:
            for _ in range(3):
                assert (await service.call("GET", "/v1/server")).status_code == 200
            await asyncio.sleep(0.1)  # by now the first of them are being sent
            closing = time.monotonic()
        assert time.monotonic() - closing < 3


def test_without_the_packages_the_refusal_says_what_to_install(data_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "opentelemetry.sdk.trace", None)
    monkeypatch.delitem(sys.modules, "chatsvc.api.otlp_traces", raising=False)
    with pytest.raises(SERVING_ERRORS) as refused:
        create_app(Settings(data_dir=data_dir, traces="otlp"))
    assert "pip install 'chatsvc[otel]'" in why_not_served(refused.value)
