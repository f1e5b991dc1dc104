"""Clocks that jump, and servers whose clocks differ: order stays, nobody is logged out, nobody is locked out."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from datetime import timedelta
from pathlib import Path

import httpx2
import pytest

from chatsvc.ops.check import check
from tests.commands.litter import pruned
from tests.commands.sending import a_talk
from tests.commands.signing_in import code, use
from tests.faults.wrong_clocks import NOON, World
from tests.support.databases import DatabaseKind
from tests.support.proof import Proof
from tests.support.service import Clock, Service, running_service, service_settings


@pytest.fixture
async def services(kind: DatabaseKind, database_url: str, tmp_path: Path) -> AsyncIterator[list[Service]]:
    """Two on Postgres, each with its own clock; a file has one server."""
    async with AsyncExitStack() as running:
        settings = service_settings(database_url, tmp_path / "data")
        count = 1 if kind.name == "sqlite" else 2
        yield [await running.enter_async_context(running_service(settings, Clock(NOON))) for _ in range(count)]


@pytest.mark.proves("clocks that jump and differ by seconds to weeks: order, times and sessions stay right")
async def test_nothing_depends_on_the_right_time(services: list[Service], proof: Proof) -> None:
    world = World(services, proof.random)
    await world.people(4)
    steps = [world.send, world.send, world.send_again, world.refresh, world.sign_in, world.end]
    for step in range(proof.depth(50, 500)):
        world.jump()
        await proof.random.choice(steps)()
        if step % 20 == 0:
            if proof.random.random() < 0.5:
                await pruned(world.any_service())
            await world.look()
    await world.look()
    for device, talk in world.talks:
        times = [message["created_at"] for message in await (await world.asked(world.device_of(device))).history(talk)]
        assert times == sorted(times)
    looked_at = f"{world.jumps} jumps, {len(world.sent)} messages, {len(world.signed_in)} sessions of which"
    proof.note(f"{looked_at} {world.ends} ended, {world.expired} access tokens refreshed early")


@pytest.mark.proves("clocks wrong by years: what is for ever stays, what has ended stays ended, nobody waits for years")
async def test_a_clock_that_was_wrong_by_years(services: list[Service], proof: Proof) -> None:
    prunings = jumps = 0
    for _ in range(proof.depth(2, 25)):
        service = proof.random.choice(services)
        talk, lasting = await a_talk(service), await service.newcomer()
        ended, spent = await service.another_session(talk.ana), lasting.tokens["refresh_token"]
        await ended.call("DELETE", f"/v1/auth/sessions/{ended.tokens['session_id']}")
        await use(lasting)
        await use(lasting)
        keys: list[str] = []
        for _ in range(proof.depth(4, 8)):
            service.clock.moment = NOON + timedelta(days=proof.random.uniform(-56 * 365, 70 * 365))
            jumps += 1
            writer = await service.another_session(talk.ana)
            keys.append(f"{len(keys)}")
            assert (await writer.send(talk.id, keys[-1])).status_code == 201
            assert code(await ended.refresh()) == "refresh_token_invalid"
            assert not (await ended.call("GET", "/v1/users/me")).is_success
            if proof.random.random() < 0.3:
                await pruned(service)
                prunings += 1
            report = await service.inside.db.read_primary(check)
            assert report.breaches == []
        service.clock.moment = NOON
        back = await service.another_session(talk.ana)
        assert [message["client_message_id"] for message in await back.history(talk.id)] == keys
        assert [(await back.send(talk.id, key)).status_code for key in keys] == [200] * len(keys)
        assert (await back.send(talk.id, "right-again")).json()["data"]["seq"] == len(keys) + 1
        assert code(await ended.refresh()) == "refresh_token_invalid"
        assert code(await lasting.refresh(spent)) in {"refresh_token_reused", "refresh_token_invalid"}
    proof.note(f"{jumps} jumps between 1970 and 2096, pruned at {prunings} of them")


@pytest.mark.parametrize("store", ["memory", "database"])
@pytest.mark.proves("a rate limit makes nobody wait for longer than its own interval, whatever the clock did")
async def test_nobody_is_locked_out(database_url: str, tmp_path: Path, proof: Proof, store: str) -> None:
    """After a jump back the allowance may seem used up: one interval later there is one again, after a window all."""
    limits = {"rate_limits": "on", "rate_limit_store": store, "limit_send": "4/600"}
    refused = granted = 0
    async with running_service(service_settings(database_url, tmp_path / "data", **limits)) as service:
        talk, clock = await a_talk(service), service.clock

        async def send(key: str) -> httpx2.Response:
            return await (await service.another_session(talk.ana)).send(talk.id, key)

        for at in range(proof.depth(2, 60)):
            side = -1 if at % 2 else 1
            clock.moment = NOON + timedelta(days=side * proof.random.choice([1e-4, 0.1, 9.0, 900.0]))
            for again in range(proof.random.randint(1, 8)):
                answer = await send(f"{at}-{again}")
                granted += answer.is_success
                if answer.status_code == 429:
                    refused += 1
                    assert int(answer.headers["Retry-After"]) <= 600 / 4
                    clock.advance(seconds=int(answer.headers["Retry-After"]))
                    assert (await send(f"{at}-{again}")).status_code == 201
            clock.advance(seconds=600)
            assert [(await send(f"{at}-whole-{n}")).status_code for n in range(5)] == [201] * 4 + [429]
    assert refused
    assert granted
    proof.note(f"{refused} refusals, {granted} sends by clocks that are up to five years apart, kept in {store}")
