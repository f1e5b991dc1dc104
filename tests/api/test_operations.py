"""What operators and their machines ask: alive, ready, and what the server is."""

import httpx2
import pytest

from chatsvc import __version__
from tests.support.service import Service


def _refused(answer: httpx2.Response) -> bool:
    told = answer.status_code, answer.json()["error"]["code"]
    return told == (503, "try_again") and int(answer.headers["retry-after"]) >= 1


async def _run(service: Service, sql: str) -> None:
    async with service.inside.db.engines.writer.connect() as connection:
        await connection.exec_driver_sql(sql)
        await connection.commit()


async def test_a_server_that_works_is_alive_and_ready(service: Service) -> None:
    for path in ("/healthz", "/readyz"):
        answer = await service.call("GET", path)
        assert (answer.status_code, answer.json()) == (200, {"data": {"status": "ok"}})


async def test_the_server_tells_what_a_client_must_know(service: Service) -> None:
    assert (await service.call("GET", "/v1/server")).json()["data"] == {
        "version": __version__,
        "api": "v1",
        "limits": {
            "max_body_bytes": 2 * 1024 * 1024,
            "max_batch_messages": 100,
            "max_changes_entries": 5_000,
            "max_content_characters": 4_000,
            "limited_beyond_messages": 1_000,
        },
        "features": ["batch", "changes", "sessions", "export", "deletion"],
    }


async def test_the_limits_that_are_told_are_those_that_hold(service: Service) -> None:
    limits = (await service.call("GET", "/v1/server")).json()["data"]["limits"]
    ana = await service.newcomer()
    conversation_id = await ana.open_direct(await service.newcomer())
    most = limits["max_batch_messages"]
    assert (await ana.batch([{}] * most)).status_code == 200
    assert (await ana.batch([{}] * (most + 1))).status_code == 422
    longest = "x" * limits["max_content_characters"]
    assert (await ana.send(conversation_id, "a", longest)).status_code == 201
    assert (await ana.send(conversation_id, "b", longest + "x")).status_code == 422
    held = {f"00000000-0000-7000-8000-{at:012}": 0 for at in range(limits["max_changes_entries"])}
    assert (await ana.call("POST", "/v1/sync/changes", {"after_seq_by_conversation": held})).status_code == 200
    one_more = {**held, conversation_id: 0}
    assert (await ana.call("POST", "/v1/sync/changes", {"after_seq_by_conversation": one_more})).status_code == 413
    body = b" " * (limits["max_body_bytes"] + 1)
    assert (await ana.call("POST", "/v1/sync/changes", content=body)).status_code == 413


async def test_a_server_that_is_stopping_is_alive_and_not_ready(service: Service) -> None:
    service.inside.draining = True
    assert _refused(await service.call("GET", "/readyz"))
    assert (await service.call("GET", "/healthz")).status_code == 200
    ana = await service.newcomer()
    assert (await ana.call("GET", "/v1/users/me")).status_code == 200


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE alembic_version SET version_num = 'from-the-future'",
        "DELETE FROM alembic_version",
        "DROP TABLE alembic_version",
    ],
)
async def test_a_schema_that_is_not_this_version_s_is_not_ready_and_may_become_so(service: Service, sql: str) -> None:
    await _run(service, "UPDATE service_state SET oldest_code = '9999'")
    await _run(service, "CREATE TABLE kept AS SELECT * FROM alembic_version")
    await _run(service, sql)
    assert _refused(await service.call("GET", "/readyz"))
    assert (await service.call("GET", "/healthz")).status_code == 200
    await _run(service, "DROP TABLE IF EXISTS alembic_version")
    await _run(service, "ALTER TABLE kept RENAME TO alembic_version")
    assert (await service.call("GET", "/readyz")).status_code == 200


@pytest.mark.parametrize("path", ["/docs", "/openapi.json"])
async def test_the_document_is_served(service: Service, path: str) -> None:
    assert (await service.call("GET", path)).status_code == 200
