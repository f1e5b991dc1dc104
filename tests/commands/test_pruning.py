"""Pruning: what has no use any more goes, what could still tell a theft stays."""

from dataclasses import astuple
from datetime import timedelta

from chatsvc.commands.prune import Pruned
from chatsvc.commands.take_allowance import Rate, TakeAllowance, take_allowance
from chatsvc.tables import RefreshToken, Session
from tests.commands.litter import pruned, rows
from tests.commands.signing_in import audit_log, code, live_sessions, successor, use
from tests.support.service import Device, Service

WEEK = timedelta(days=7)


async def test_nothing_goes_that_has_a_use(service: Service) -> None:
    ana = await service.newcomer()
    other = await service.another_session(ana)
    stolen = other.tokens["refresh_token"]
    await use(other)
    await use(other)  # the first token is spent, and not yet expired
    await ana.ok("DELETE", f"/v1/auth/sessions/{(await service.another_session(ana)).tokens['session_id']}")
    service.clock.advance(days=29)
    assert await pruned(service) == Pruned(0, 0, 0, 0, more=False)
    assert code(await other.refresh(stolen)) == "refresh_token_reused"
    assert await live_sessions_after(service, ana) == [ana.tokens["session_id"]]


async def live_sessions_after(service: Service, device: Device) -> list[str]:
    await use(device)
    return await live_sessions(device)


async def test_spent_tokens_go_when_they_would_have_expired(service: Service) -> None:
    ana = await service.newcomer()
    first = ana.tokens["refresh_token"]
    for _ in range(2):
        await use(ana)
    service.clock.advance(days=40)
    await use(ana)
    assert (await pruned(service)).refresh_tokens == 0
    service.clock.advance(days=20)
    assert (await pruned(service)).refresh_tokens == 2  # the first two; the third's successor is not used yet
    assert code(await ana.refresh(first)) == "refresh_token_invalid"
    assert code(await ana.refresh()) == "ok"


async def test_tokens_that_are_not_spent_stay_with_their_session(service: Service) -> None:
    """An expired one too: its successors would otherwise lose the parent that makes them siblings."""
    ana = await service.newcomer()
    parent = ana.tokens["refresh_token"]
    service.clock.advance(days=59)
    siblings = [await successor(ana, parent) for _ in range(2)]
    service.clock.advance(days=1)
    assert (await pruned(service)).refresh_tokens == 0
    assert code(await ana.refresh(parent)) == "refresh_token_expired"
    assert code(await ana.refresh(siblings[0])) == "ok"
    assert code(await ana.refresh(siblings[1])) == "refresh_token_reused"


async def test_a_parent_that_is_gone_does_not_bring_its_children_back(service: Service) -> None:
    ana = await service.newcomer()
    parent = ana.tokens["refresh_token"]
    service.clock.advance(days=59)
    siblings = [await successor(ana, parent) for _ in range(2)]
    current = await successor(ana, siblings[0])
    service.clock.advance(days=1)
    assert (await pruned(service)).refresh_tokens == 1
    assert code(await ana.refresh(parent)) == "refresh_token_invalid"
    assert code(await ana.refresh(siblings[0])) == "ok"  # its successor is not used yet
    assert code(await ana.refresh(current)) == "ok"
    assert code(await ana.refresh(siblings[1])) == "refresh_token_reused"


async def test_sessions_go_thirty_days_after_their_end(service: Service) -> None:
    ana, ben = await service.newcomer(), await service.newcomer()
    await ana.call("POST", "/v1/auth/logout", {"refresh_token": ana.tokens["refresh_token"]})
    service.clock.advance(days=30, milliseconds=-1)
    assert (await pruned(service)).sessions == 0
    service.clock.advance(milliseconds=1)
    assert astuple(await pruned(service))[:2] == (1, 1)
    assert code(await ana.refresh()) == "refresh_token_invalid"
    service.clock.advance(days=60, milliseconds=-1)
    assert (await pruned(service)).sessions == 0
    assert code(await ben.refresh()) == "refresh_token_expired"
    service.clock.advance(milliseconds=1)
    assert (await pruned(service)).sessions == 1
    assert code(await ben.refresh()) == "refresh_token_invalid"
    assert [await rows(service, table) for table in (Session, RefreshToken)] == [0, 0]


async def test_audit_rows_and_whole_allowances_go(service: Service) -> None:
    run = service.inside.db.execute
    for wanted in (1, 3):
        await run(take_allowance, TakeAllowance(f"send:{wanted}", Rate(5, 60), wanted))
    await service.newcomer()
    service.clock.advance(seconds=12)
    assert await pruned(service, audit_life=WEEK) == Pruned(0, 0, 0, 1, more=False)
    service.clock.advance(days=6)
    await service.newcomer()
    service.clock.advance(days=1)
    assert await pruned(service, audit_life=WEEK) == Pruned(0, 0, 1, 1, more=False)
    assert len(await audit_log(service)) == 1
