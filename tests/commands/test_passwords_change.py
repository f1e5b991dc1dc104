"""Changing the password: every other session is over, this one stays, and a lost answer may be asked for again."""

from collections.abc import AsyncIterator
from pathlib import Path

import httpx2
import pytest

from tests.commands.signing_in import code, is_live, live_sessions, successor, tokens, use
from tests.support.service import PASSWORD, Device, Service, running_service, service_settings

NEW = "a new and better one"


async def change(device: Device, current: str = PASSWORD, new: str = NEW) -> httpx2.Response:
    return await device.call("POST", "/v1/auth/password", {"current_password": current, "new_password": new})


@pytest.fixture
async def ana(service: Service) -> Device:
    return await service.register("ana")


async def login(service: Service, password: str) -> str:
    return code(await service.call("POST", "/v1/auth/login", {"username": "ana", "password": password}))


async def test_the_new_password_is_the_password(service: Service, ana: Device) -> None:
    assert code(await change(ana)) == "ok"
    assert await login(service, PASSWORD) == "invalid_credentials"
    assert await login(service, NEW) == "ok"
    assert code(await change(ana, PASSWORD, "yet another one")) == "invalid_credentials"
    assert code(await change(ana, NEW, PASSWORD)) == "ok"
    assert await login(service, PASSWORD) == "ok"


async def test_every_other_session_is_over_and_this_one_stays(service: Service, ana: Device) -> None:
    others = [await service.another_session(ana) for _ in range(3)]
    foreign = await service.newcomer()
    fresh = tokens(await change(ana))
    assert fresh["session_id"] == ana.tokens["session_id"]
    assert [await is_live(other) for other in others] == [False] * 3
    assert [code(await other.refresh()) for other in others] == ["refresh_token_invalid"] * 3
    assert await is_live(foreign)
    assert await is_live(ana)  # its old access token too: the session lives
    assert await is_live(Device(service, ana.user, fresh))
    assert await live_sessions(ana) == [ana.tokens["session_id"]]


async def test_the_old_refresh_token_is_good_until_a_successor_is_used(service: Service) -> None:
    for used in range(3):
        ana = await service.register()
        for _ in range(used):
            await use(ana)
        held = ana.tokens["refresh_token"]
        fresh = tokens(await change(ana))["refresh_token"]
        assert code(await ana.refresh(held)) == "ok"
        # The new one is a successor of the last one used. If that is what is held, both are good; if what is held came
        # after it, the two are siblings, and using one was to choose it.
        assert code(await ana.refresh(fresh)) == ("refresh_token_reused" if used else "ok")


async def test_once_the_new_token_is_used_the_old_one_is_spent(service: Service) -> None:
    for used in range(3):
        ana = await service.register()
        for _ in range(used):
            await use(ana)
        held = ana.tokens["refresh_token"]
        fresh = tokens(await change(ana))["refresh_token"]
        newest = await successor(ana, fresh)
        assert code(await ana.refresh(fresh)) == "ok"  # a lost answer
        assert code(await ana.refresh(held)) == "refresh_token_reused"
        assert code(await ana.refresh(newest)) == "refresh_token_invalid"


async def test_a_lost_answer_is_asked_for_again(service: Service, ana: Device) -> None:
    first = tokens(await change(ana))
    service.clock.advance(minutes=10)
    other = await service.login("ana", NEW)
    again = tokens(await change(ana))
    assert again["session_id"] == first["session_id"]
    assert await is_live(other)  # it knew the new password: nothing changed any more
    assert code(await ana.refresh(again["refresh_token"])) == "ok"
    assert code(await ana.refresh(first["refresh_token"])) == "refresh_token_reused"


async def test_a_wrong_password_changes_nothing(service: Service, ana: Device) -> None:
    other = await service.another_session(ana)
    for wrong in ("", "wrong password", PASSWORD.upper(), PASSWORD + " ", NEW, "\u00e9" * 1_024):
        assert code(await change(ana, wrong)) == "invalid_credentials"
    assert await is_live(other)
    assert await login(service, PASSWORD) == "ok"


async def test_a_session_that_has_ended_changes_nothing(service: Service, ana: Device) -> None:
    other = await service.another_session(ana)
    await ana.ok("DELETE", f"/v1/auth/sessions/{other.tokens['session_id']}")
    assert code(await change(other)) == "access_token_invalid"
    assert await login(service, PASSWORD) == "ok"


async def test_the_same_password_again_is_a_change_all_the_same(service: Service, ana: Device) -> None:
    other = await service.another_session(ana)
    assert code(await change(ana, PASSWORD, PASSWORD)) == "ok"
    assert not await is_live(other)


@pytest.fixture
async def strict(database_url: str, data_dir: Path) -> AsyncIterator[Service]:
    """Three comparisons in five minutes."""
    settings = service_settings(database_url, data_dir, rate_limits="on", limit_login="3/300")
    async with running_service(settings) as running:
        yield running


async def test_both_comparisons_count_against_the_limit_of_logins(strict: Service) -> None:
    ana = await strict.register("ana")
    assert code(await change(ana, "wrong password")) == "invalid_credentials"
    assert code(await change(ana, "wrong password")) == "rate_limited"
    limited = await strict.call("POST", "/v1/auth/login", {"username": "ANA", "password": PASSWORD})
    assert (code(limited), limited.headers["Retry-After"]) == ("rate_limited", "100")
    strict.clock.advance(seconds=100)
    assert code(await change(ana)) == "ok"
