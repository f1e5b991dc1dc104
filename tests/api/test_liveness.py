"""The end of a session is the end of its access tokens: at once in the process, soon in every other."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx2
import pytest

from chatsvc.commands.audit import Origin
from chatsvc.commands.end_session import EndSession, end_session
from chatsvc.queries.sessions import SessionQuestion, live_sessions
from tests.support.databases import DatabaseKind
from tests.support.service import PASSWORD, Device, Service, running_service, service_settings

CHECKED_EVERY = 0.6
End = Callable[[Device], tuple[str, str, Any]]


def _end_by_id(device: Device) -> tuple[str, str, None]:
    return "DELETE", f"/v1/auth/sessions/{device.tokens['session_id']}", None


def _log_out(device: Device) -> tuple[str, str, dict[str, str]]:
    return "POST", "/v1/auth/logout", {"refresh_token": device.tokens["refresh_token"]}


async def _alive(device: Device, service: Service | None = None) -> bool:
    answer = await Device(service or device.service, device.user, device.tokens).call("GET", "/v1/users/me")
    assert answer.status_code == 200 or _ended(answer)
    return answer.status_code == 200


def _ended(answer: httpx2.Response) -> bool:
    return (answer.status_code, answer.json()["error"]["code"]) == (401, "access_token_invalid")


@pytest.fixture
async def slow(database_url: str, data_dir: Path) -> AsyncIterator[Service]:
    """A service that looks at a session as rarely as may be."""
    async with running_service(service_settings(database_url, data_dir, session_check_seconds=5)) as service:
        yield service


@pytest.mark.parametrize("end", [_end_by_id, _log_out])
async def test_an_ended_session_is_refused_at_once_where_it_was_ended(slow: Service, end: End) -> None:
    ana = await slow.newcomer()
    assert await _alive(ana)
    method, path, body = end(ana)
    assert (await ana.call(method, path, body)).status_code == 200
    assert not await _alive(ana)


async def test_a_changed_password_ends_every_other_session_at_once(slow: Service) -> None:
    ana = await slow.register("ana")
    other = await slow.login("ana")
    assert await _alive(other)
    await ana.ok("POST", "/v1/auth/password", {"current_password": PASSWORD, "new_password": "another one"})
    assert not await _alive(other)
    assert await _alive(ana)


async def test_a_stolen_refresh_token_ends_its_access_tokens_at_once(slow: Service) -> None:
    ana = await slow.newcomer()
    first = await ana.refresh()
    await ana.refresh(first.json()["data"]["tokens"]["refresh_token"])
    assert await _alive(ana)
    assert (await ana.refresh()).json()["error"]["code"] == "refresh_token_reused"
    assert not await _alive(ana)


async def test_the_end_of_one_session_leaves_the_others(slow: Service) -> None:
    ana = await slow.newcomer()
    other = await slow.another_session(ana)
    assert await _alive(ana)
    assert await _alive(other)
    await ana.call(*_log_out(other))
    assert not await _alive(other)
    assert await _alive(ana)


@pytest.fixture
def shared_url(postgresql: DatabaseKind) -> Iterator[str]:
    """Only Postgres is served by several processes."""
    with postgresql.fresh() as url:
        yield url


@pytest.mark.parametrize("end", [_end_by_id, _log_out])
async def test_another_replica_refuses_it_within_the_set_time(shared_url: str, data_dir: Path, end: End) -> None:
    settings = service_settings(shared_url, data_dir, session_check_seconds=CHECKED_EVERY)
    async with running_service(settings) as one, running_service(settings) as other:
        ana = await one.newcomer()
        assert await _alive(ana, other)
        method, path, body = end(ana)
        await ana.ok(method, path, body)
        ended_at = time.monotonic()
        assert not await _alive(ana, one)
        asked_at = ended_at
        while await _alive(ana, other):
            assert asked_at - ended_at < CHECKED_EVERY
            await asyncio.sleep(0.02)
            asked_at = time.monotonic()
        assert not await _alive(ana, other)


async def test_with_no_time_set_every_request_asks(shared_url: str, data_dir: Path) -> None:
    settings = service_settings(shared_url, data_dir, session_check_seconds=0)
    async with running_service(settings) as one, running_service(settings) as other:
        ana = await one.newcomer()
        assert await _alive(ana, other)
        await ana.ok(*_end_by_id(ana))
        assert not await _alive(ana, other)


async def test_those_who_come_at_once_are_asked_for_together_and_each_is_told_its_own(slow: Service) -> None:
    people = [await slow.newcomer() for _ in range(9)]
    gone = people.pop(4)
    ended, owner = UUID(gone.tokens["session_id"]), UUID(gone.user["id"])
    await slow.inside.db.execute(end_session, EndSession(owner, ended, Origin()))
    counts = slow.inside.db.groups.counts["queries"]
    units, groups = counts.units, sum(counts.groups_of_up_to)
    alive = await asyncio.gather(*(_alive(device) for device in [*people, gone]))
    assert alive == [True] * 8 + [False]
    assert counts.units - units == 9
    assert sum(counts.groups_of_up_to) - groups <= 3  # and not nine
    assert await asyncio.gather(*(_alive(device) for device in people)) == [True] * 8
    assert counts.units - units == 9  # known for some seconds


async def test_a_session_is_its_own_users_alone(slow: Service) -> None:
    ana, ben = await slow.newcomer(), await slow.newcomer()
    (ana_id, ben_id), session_id = (UUID(one.user["id"]) for one in (ana, ben)), UUID(ana.tokens["session_id"])
    asked = [SessionQuestion(session_id, ben_id), SessionQuestion(session_id, ana_id), SessionQuestion(ben_id, ben_id)]
    assert await slow.inside.db.read_primary(live_sessions, questions=asked) == [False, True, False]
