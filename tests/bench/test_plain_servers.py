"""The floor and the baseline do what they are measured for, and so does each request that is made for them."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx2
import pytest
from fastapi import FastAPI

from bench.baseline import create_baseline
from bench.databases import stored
from bench.floor import create_floor
from bench.kinds import Kind, Maker
from bench.people import Group
from bench.plain_requests import Request
from bench.population import Population
from bench.reading import bootstraps, changes, history, logins, ready_made
from bench.seeding import seed
from bench.sending import batches, sends
from chatsvc.app import create_app
from chatsvc.security.keys import new_key
from chatsvc.settings import Settings

_GROUPS = (Group("readers", 1, 100, 20, first_messages=60), Group("senders", 2, 5, 2))


@pytest.fixture
def maker(tmp_path: Path) -> Maker:
    population = Population(_GROUPS, sum(group.total for group in _GROUPS) + 200, datetime.now(UTC))
    return Maker(population, new_key("test"), tmp_path)


@pytest.fixture
def seeded(database_url: str, maker: Maker) -> str:
    seed(database_url, maker.population)
    return database_url


@asynccontextmanager
async def asking(app: FastAPI) -> AsyncIterator[Any]:
    """Ask an application in this process; gives the answers."""
    async with app.router.lifespan_context(app):
        transport = httpx2.ASGITransport(app=app)
        async with httpx2.AsyncClient(transport=transport, base_url="http://test") as client:

            async def ask(request: Request, **changed: str) -> httpx2.Response:
                content = (changed.get("body") or request.body) or None
                headers = {**request.headers, **({"Authorization": changed["token"]} if "token" in changed else {})}
                return await client.request(request.method, request.path, headers=headers, content=content)

            yield ask


async def test_the_floor_checks_and_answers(maker: Maker) -> None:
    one, ready = sends(maker), ready_made(maker)
    async with asking(create_floor(maker.jwt_keys)) as ask:
        answer = await ask(one.example)
        assert answer.status_code == 201
        assert one.holds(answer.json()["data"])
        assert ready.holds((await ask(ready.example)).json()["data"])
        assert (await ask(one.example, token="Bearer x.y.z")).status_code == 401
        assert (await ask(one.example, body='{"client_message_id": "a b", "content": "c"}')).status_code == 422
        assert (await ask(one.example, body='{"client_message_id": "a", "content": ""}')).status_code == 422


async def test_the_baseline_stores_a_message_once(maker: Maker, seeded: str) -> None:
    one, stranger = sends(maker), maker.token(maker.population.group("readers")[0])
    async with asking(create_baseline(maker.jwt_keys, seeded)) as ask:
        first, again = await ask(one.example), await ask(one.example)
        assert (first.status_code, again.status_code) == (201, 200)
        assert first.json()["data"]["seq"] == again.json()["data"]["seq"] == 3
        assert first.json()["data"]["id"] == again.json()["data"]["id"]
        next_one = await ask(one.example, body='{"client_message_id": "next", "content": "More."}')
        assert (next_one.status_code, next_one.json()["data"]["seq"]) == (201, 4)
        assert (await ask(one.example, token=f"Bearer {stranger}")).status_code == 404
    assert await asyncio.to_thread(stored, seeded) == maker.population.messages + 2


async def test_the_service_answers_what_each_figure_claims(maker: Maker, seeded: str) -> None:
    kinds: list[Kind] = [
        changes(maker, "readers"),
        changes(maker, "readers", [1]),
        changes(maker, "readers", [50]),
        changes(maker, "readers", [5] * 10),
        bootstraps(maker),
        history(maker),
        logins(maker),
        sends(maker),
        batches(maker),
    ]
    settings = Settings(
        database_url=seeded, data_dir=maker.folder, jwt_keys=maker.jwt_keys, access_token_seconds=86_400,
        log_level="error",
    )  # fmt: skip
    async with asking(create_app(settings)) as ask:
        for kind in kinds:
            answer = await ask(kind.example)
            assert answer.is_success, (kind.name, answer.text)
            assert kind.holds(answer.json()["data"]), kind.name
        idle, fifty = kinds[0], kinds[2]
        assert not idle.holds((await ask(fifty.example)).json()["data"])
        assert not fifty.holds((await ask(idle.example)).json()["data"])


def test_the_counters_tell_what_is_stored(maker: Maker, seeded: str) -> None:
    assert stored(seeded) == maker.population.messages
