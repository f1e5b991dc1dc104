"""A database that is away is `try_again` on every kind of route, and nobody has to restart anything afterwards."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from chatsvc.api.routes import ROUTES
from tests.api.conftest import Pair, pair_in
from tests.support.databases import migrated
from tests.support.postgres import PostgresServer, postgres_server
from tests.support.service import PASSWORD, Service, running_service, service_settings

ALIVE = {"GET /healthz", "GET /v1/server", "GET /metrics", "GET /openapi.json"}


@pytest.fixture
def server() -> Iterator[PostgresServer]:
    """A Postgres of this test's own, to be stopped."""
    with postgres_server() as found:
        migrated(found.url())
        yield found


@pytest.fixture
async def pair(server: PostgresServer, data_dir: Path) -> AsyncIterator[Pair]:
    """Their sessions have just been checked, so that every handler is reached without asking."""
    settings = service_settings(server.url(), data_dir, session_check_seconds=5, rate_limits="on")
    async with running_service(settings) as service:
        yield await pair_in(service)


def _bodies(pair: Pair) -> dict[str, Any]:
    login = {"username": "ana.x", "password": PASSWORD}
    message = {"client_message_id": "k", "content": "hi"}
    token = {"refresh_token": pair.ana.tokens["refresh_token"]}
    return {
        "POST /v1/auth/register": {**login, "username": "carla"},
        "POST /v1/auth/login": login,
        "POST /v1/auth/refresh": token,
        "POST /v1/auth/logout": token,
        "POST /v1/auth/password": {"current_password": PASSWORD, "new_password": PASSWORD},
        "PATCH /v1/users/me": {"display_name": "Ana"},
        "DELETE /v1/users/me": {"password": PASSWORD},
        "POST /v1/conversations/direct": {"other_user_id": pair.ben.id},
        "POST /v1/conversations/{conversation_id}/messages": message,
        "POST /v1/messages/batch": {"messages": [{**message, "conversation_id": pair.conversation_id}]},
        "POST /v1/sync/changes": {"after_seq_by_conversation": {}},
    }


async def _every_route(pair: Pair) -> dict[str, tuple[int, str | None, str | None]]:
    """Status, code and Retry-After of a good request to each route, all at once."""
    bodies = _bodies(pair)
    ids = {"conversation_id": pair.conversation_id, "user_id": pair.ben.id, "session_id": pair.ana.tokens["session_id"]}
    queries = {"/v1/users/search": "?query=ben", "/v1/sync/changes": "?after_seq_by_conversation={}"}
    names = [f"{method} {route.path}" for route in ROUTES for method in route.methods or ()]
    names = [name for name in names if not name.split()[1].startswith(("/docs", "/app"))]

    async def one(name: str) -> tuple[int, str | None, str | None]:
        method, path = name.split()
        target = path.format(**ids) + (queries.get(path, "") if method == "GET" else "")
        answer = await pair.ana.call(method, target, bodies.get(name))
        error = answer.json().get("error", {}) if "json" in answer.headers["content-type"] else {}
        return answer.status_code, error.get("code"), answer.headers.get("retry-after")

    return dict(zip(names, await asyncio.gather(*map(one, names)), strict=True))


async def _ready(service: Service) -> bool:
    return (await service.call("GET", "/readyz")).status_code == 200


async def test_every_route_says_try_again_and_the_service_recovers_by_itself(
    server: PostgresServer, pair: Pair
) -> None:
    server.stop()
    for name, told in (await _every_route(pair)).items():
        assert told == ((200, None, None) if name in ALIVE else (503, "try_again", "1")), name
    assert not await _ready(pair.service)
    server.start()
    assert await _ready(pair.service)
    assert (await pair.ana.send(pair.conversation_id, "k")).status_code == 201
    assert (await pair.ana.send(pair.conversation_id, "k")).status_code == 200
    assert [message["seq"] for message in await pair.ben.history(pair.conversation_id)] == [1]


async def test_a_session_that_cannot_be_checked_is_no_refused_token(server: PostgresServer, pair: Pair) -> None:
    pair.service.inside.liveness.forget([UUID(pair.ana.tokens["session_id"])])
    server.stop()
    answer = await pair.ana.call("GET", "/v1/users/me")
    assert (answer.status_code, answer.json()["error"]["code"]) == (503, "try_again")
    server.start()
    assert (await pair.ana.call("GET", "/v1/users/me")).status_code == 200
