"""How long a session lives: 60 days idle, 365 in all; and no access token outlives it."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from chatsvc.api.tokens import session_life
from chatsvc.commands.audit import Origin
from chatsvc.commands.rotate_token import RotateToken, rotate_token
from chatsvc.errors import RefreshTokenExpired
from chatsvc.security.refresh_tokens import hash_refresh_token
from tests.commands.signing_in import code, tokens, use
from tests.support.service import Service, running_service, service_settings


@pytest.fixture
async def short(database_url: str, data_dir: Path) -> AsyncIterator[Service]:
    """Sessions of a day idle and two in all; access tokens of a day, as long as may be."""
    settings = service_settings(
        database_url, data_dir, session_idle_days=1, session_max_days=2, access_token_seconds=86_400
    )
    async with running_service(settings) as running:
        yield running


async def test_sixty_days_without_use_are_the_end(service: Service) -> None:
    ana = await service.newcomer()
    for _ in range(2):
        service.clock.advance(days=60, milliseconds=-1)
        await use(ana)
    service.clock.advance(days=60)
    assert code(await ana.refresh()) == "refresh_token_expired"


async def test_a_year_is_the_end_however_often_it_is_used(service: Service) -> None:
    ana = await service.newcomer()
    for _ in range(7):
        service.clock.advance(days=50)
        await use(ana)
    assert ana.tokens["refresh_token_expires_at"] == "2027-11-23T12:00:00.000Z"
    assert ana.tokens["refresh_token_expires_in"] == 15 * 86_400
    service.clock.advance(days=15, milliseconds=-1)
    last = tokens(await ana.refresh())
    assert last["refresh_token_expires_at"] == "2027-11-23T12:00:00.000Z"
    service.clock.advance(milliseconds=1)
    assert code(await ana.refresh()) == "refresh_token_expired"
    assert code(await ana.refresh(last["refresh_token"])) == "refresh_token_expired"


async def test_an_access_token_never_outlives_its_session(service: Service) -> None:
    ana = await service.newcomer()
    for days in (59, 59, 59, 59, 59, 59, 10):
        service.clock.advance(days=days)
        await use(ana)
    service.clock.advance(hours=23, minutes=50)
    await use(ana)
    assert ana.tokens["access_token_expires_at"] == ana.tokens["refresh_token_expires_at"]
    assert ana.tokens["access_token_expires_in"] == 600
    service.clock.advance(seconds=599, milliseconds=999)
    assert (await ana.call("GET", "/v1/users/me")).status_code == 200
    service.clock.advance(milliseconds=1)
    assert code(await ana.call("GET", "/v1/users/me")) == "access_token_expired"


async def test_an_access_token_lives_fifteen_minutes(service: Service) -> None:
    ana = await service.newcomer()
    assert ana.tokens["access_token_expires_at"] == "2026-11-23T12:15:00.000Z"
    service.clock.advance(minutes=15, milliseconds=-1)
    assert (await ana.call("GET", "/v1/users/me")).status_code == 200
    service.clock.advance(milliseconds=1)
    assert code(await ana.call("GET", "/v1/users/me")) == "access_token_expired"
    await use(ana)
    assert (await ana.call("GET", "/v1/users/me")).status_code == 200


async def test_a_day_is_enough_where_the_settings_say_so(short: Service) -> None:
    ana = await short.newcomer()
    short.clock.advance(hours=24)
    assert code(await ana.refresh()) == "refresh_token_expired"
    ben = await short.newcomer()
    for _ in range(3):
        short.clock.advance(hours=23)
        answer = await ben.refresh()
        if answer.is_success:
            ben.tokens = tokens(answer)
    assert code(answer) == "refresh_token_expired"


async def test_a_session_that_has_expired_is_not_listed_and_opens_nothing(short: Service) -> None:
    ana = await short.newcomer()
    other = await short.another_session(ana)
    short.clock.advance(hours=23)
    await use(other)
    assert len((await other.ok("GET", "/v1/auth/sessions"))["sessions"]) == 2
    short.clock.advance(hours=1)
    (left,) = (await other.ok("GET", "/v1/auth/sessions"))["sessions"]
    assert left["id"] == other.tokens["session_id"]
    assert code(await ana.call("GET", "/v1/users/me")) == "access_token_expired"


async def test_a_life_that_was_shortened_counts_for_sessions_from_before(
    service: Service, database_url: str, data_dir: Path
) -> None:
    ana = await service.newcomer()
    settings = service_settings(database_url, data_dir, session_max_days=7)
    service.clock.advance(days=7)
    command = RotateToken(hash_refresh_token(ana.tokens["refresh_token"]), session_life(settings), Origin())
    with pytest.raises(RefreshTokenExpired):
        await service.inside.db.execute(rotate_token, command)
    assert code(await ana.refresh()) == "ok"
