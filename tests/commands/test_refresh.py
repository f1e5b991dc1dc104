"""A refresh token stays good until one of its successors is used; one that is spent ends the session."""

import pytest

from tests.commands.signing_in import code, is_live, live_sessions, successor, tokens, use
from tests.support.service import Device, Service


@pytest.fixture
async def ana(service: Service) -> Device:
    return await service.newcomer()


@pytest.fixture
async def watch(service: Service, ana: Device) -> Device:
    """Another session of hers, which looks on."""
    return await service.another_session(ana)


async def test_refreshing_gives_a_successor_in_the_same_session(service: Service, ana: Device) -> None:
    service.clock.advance(days=1)
    fresh = tokens(await ana.refresh())
    assert fresh == {
        "token_type": "bearer",
        "access_token": fresh["access_token"],
        "access_token_expires_at": "2026-11-24T12:15:00.000Z",
        "access_token_expires_in": 900,
        "refresh_token": fresh["refresh_token"],
        "refresh_token_expires_at": "2027-01-23T12:00:00.000Z",
        "refresh_token_expires_in": 60 * 86_400,
        "session_id": ana.tokens["session_id"],
    }
    assert fresh["refresh_token"] != ana.tokens["refresh_token"]
    assert len(fresh["refresh_token"]) == 43


async def test_a_lost_answer_is_asked_for_again_however_late(service: Service, ana: Device) -> None:
    for seconds in (0, 1, 3_600, 59 * 86_400):
        held = ana.tokens["refresh_token"]
        await successor(ana, held)  # lost
        service.clock.advance(seconds=seconds)
        again = await successor(ana, held)
        ana.tokens["refresh_token"] = await successor(ana, again)


async def test_a_chain_in_which_every_answer_is_lost_twice_lives_on(service: Service, ana: Device) -> None:
    for _ in range(6):
        lost = [await successor(ana) for _ in range(2)]
        await use(ana)
        assert ana.tokens["refresh_token"] not in lost
        service.clock.advance(days=3)
    await use(ana)
    assert await is_live(ana)


async def test_using_the_access_token_spends_nothing(service: Service, ana: Device) -> None:
    held = ana.tokens["refresh_token"]
    await use(ana)
    assert await is_live(ana)
    assert code(await ana.refresh(held)) == "ok"


async def chain(ana: Device) -> dict[str, str]:
    """first → parent → current, and a sibling of each of the two; `current` has been used, its `successor` not."""
    made = {"first": ana.tokens["refresh_token"]}
    made["uncle"] = await successor(ana, made["first"])
    made["parent"] = await successor(ana, made["first"])
    made["sibling"] = await successor(ana, made["parent"])
    made["current"] = await successor(ana, made["parent"])
    made["younger sibling"] = await successor(ana, made["parent"])
    made["successor"] = await successor(ana, made["current"])
    return made


async def test_a_spent_token_ends_the_whole_session(service: Service, ana: Device) -> None:
    for stolen in ("first", "uncle", "parent", "sibling", "younger sibling"):
        device = await service.another_session(ana)
        made = await chain(device)
        fresh = tokens(await device.refresh(made["current"]))
        holders = [device, Device(service, ana.user, fresh)]
        assert [await is_live(holder) for holder in holders] == [True, True]

        assert code(await device.refresh(made[stolen])) == "refresh_token_reused", stolen
        # The request failed, and what it did is there all the same.
        assert [await is_live(holder) for holder in holders] == [False, False]
        for token in (*made.values(), fresh["refresh_token"]):
            assert code(await device.refresh(token)) == "refresh_token_invalid"
        assert await live_sessions(ana) == [ana.tokens["session_id"]]
    assert code(await ana.refresh()) == "ok"


async def test_a_token_whose_successors_are_unused_is_good(service: Service, ana: Device) -> None:
    for good in ("current", "successor"):
        device = await service.another_session(ana)
        made = await chain(device)
        assert code(await device.refresh(made[good])) == "ok"
        assert code(await device.refresh(made["successor"])) == "ok"
        assert code(await device.refresh(made["current"])) == "refresh_token_reused"


async def test_reuse_is_judged_before_expiry(service: Service, ana: Device, watch: Device) -> None:
    first = ana.tokens["refresh_token"]
    for _ in range(4):
        await use(ana)
        await use(watch)
        service.clock.advance(days=30)
    await use(watch)
    await use(ana)
    assert code(await ana.refresh(first)) == "refresh_token_reused"
    assert await live_sessions(watch) == [watch.tokens["session_id"]]


async def test_a_good_token_that_has_expired_is_told_so(service: Service, ana: Device) -> None:
    held = ana.tokens["refresh_token"]
    service.clock.advance(days=30)
    fresh = await successor(ana, held)
    service.clock.advance(days=30)
    assert code(await ana.refresh(held)) == "refresh_token_expired"
    assert code(await ana.refresh(held)) == "refresh_token_expired"
    assert code(await ana.refresh(fresh)) == "ok"  # nothing was ended by the old one
    service.clock.advance(days=60)
    assert code(await ana.refresh(fresh)) == "refresh_token_expired"


async def test_an_unknown_token_is_invalid_and_ends_nothing(service: Service, ana: Device) -> None:
    held = ana.tokens["refresh_token"]
    for token in ("x", held[:-1], held + "x", held.lower(), f" {held}", "\u00e9" * 43, "x" * 1_024):
        assert code(await ana.refresh(token)) == "refresh_token_invalid"
    assert await is_live(ana)
    assert code(await ana.refresh()) == "ok"
