"""Refreshes at once. The rounds count on Postgres: SQLite has one writer, and hides a missing lock."""

import asyncio

from tests.commands.signing_in import code, is_live, successor, tokens
from tests.support.service import Device, Service

ROUNDS = 20


async def test_one_token_twice_at_once_gives_two_good_siblings(service: Service) -> None:
    ana = await service.newcomer()
    for _ in range(ROUNDS):
        device = await service.another_session(ana)
        one, other = await asyncio.gather(device.refresh(), device.refresh())
        mine, lost = tokens(one)["refresh_token"], tokens(other)["refresh_token"]
        assert mine != lost
        assert code(await device.refresh(mine)) == "ok"
        assert code(await device.refresh(lost)) == "refresh_token_reused"


async def test_two_siblings_at_once_never_both_live_on(service: Service) -> None:
    """One wins, and the other one is what was stolen: the session ends for both."""
    ana = await service.newcomer()
    for _ in range(ROUNDS):
        device = await service.another_session(ana)
        pair = [await successor(device), await successor(device)]
        answers = await asyncio.gather(*(device.refresh(token) for token in pair))
        assert sorted(map(code, answers)) == ["ok", "refresh_token_reused"]
        (won,) = [answer for answer in answers if answer.is_success]
        assert not await is_live(Device(service, ana.user, tokens(won)))
        assert code(await device.refresh(tokens(won)["refresh_token"])) == "refresh_token_invalid"


async def test_a_parent_and_its_successor_at_once_are_one_order_or_the_other(service: Service) -> None:
    ana = await service.newcomer()
    for _ in range(ROUNDS):
        device = await service.another_session(ana)
        parent = device.tokens["refresh_token"]
        child = await successor(device)
        older, newer = await asyncio.gather(device.refresh(parent), device.refresh(child))
        if code(older) == "ok":  # it came first, and its new child is now spent
            fresh = tokens(newer)
            assert code(await device.refresh(tokens(older)["refresh_token"])) == "refresh_token_reused"
        else:
            assert (code(older), code(newer)) == ("refresh_token_reused", "ok")
            fresh = tokens(newer)
        assert not await is_live(Device(service, ana.user, fresh))


async def test_a_session_that_ends_meanwhile_gives_no_token_that_lives(service: Service) -> None:
    ana = await service.newcomer()
    for turn in range(ROUNDS):
        device = await service.another_session(ana)
        logout = {"refresh_token": device.tokens["refresh_token"]}
        ending = (
            service.call("POST", "/v1/auth/logout", logout)
            if turn % 2
            else ana.call("DELETE", f"/v1/auth/sessions/{device.tokens['session_id']}")
        )
        answer, ended = await asyncio.gather(device.refresh(), ending)
        assert ended.status_code == 200
        assert code(answer) in {"ok", "refresh_token_invalid"}
        if answer.is_success:
            assert not await is_live(Device(service, ana.user, tokens(answer)))
            assert code(await device.refresh(tokens(answer)["refresh_token"])) == "refresh_token_invalid"


async def test_a_spent_token_many_times_at_once_is_one_theft(service: Service) -> None:
    ana = await service.newcomer()
    stolen = ana.tokens["refresh_token"]
    await successor(ana, await successor(ana))
    answers = await asyncio.gather(*(ana.refresh(stolen) for _ in range(8)))
    assert sorted(map(code, answers)) == ["refresh_token_invalid"] * 7 + ["refresh_token_reused"]
