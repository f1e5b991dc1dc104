"""Passwords that change while somebody logs in: the old one never leaves a session behind."""

import asyncio
from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest

from chatsvc.api.tokens import session_life
from chatsvc.commands.audit import Origin
from chatsvc.commands.change_password import ChangePassword, change_password
from chatsvc.commands.log_in import LoggedIn, LogIn, log_in
from chatsvc.commands.refresh_chain import IssuedToken
from chatsvc.errors import ChatError
from chatsvc.queries.credentials import credentials_of_user
from tests.commands.holding import Held
from tests.commands.signing_in import code, is_live, live_sessions, tokens
from tests.support.listening import database_errors
from tests.support.service import PASSWORD, Device, Service


def login_of(service: Service, device: Device) -> LogIn:
    """By a newcomer's password, compared with the hash that was stored before anything else happens."""
    return LogIn(UUID(device.id), "-", None, None, session_life(service.inside.settings), Origin())


def change_of(service: Service, device: Device) -> ChangePassword:
    life, session_id = session_life(service.inside.settings), UUID(device.tokens["session_id"])
    return ChangePassword(UUID(device.id), session_id, "-", "new", life, Origin())


async def test_a_login_under_way_is_ended_by_the_change_that_waits_for_it(service: Service) -> None:
    ana, run = await service.newcomer(), service.inside.db.execute
    held: Held[LogIn, LoggedIn] = Held(log_in)
    login = asyncio.create_task(run(held, login_of(service, ana)))
    await held.done.wait()
    change = asyncio.create_task(run(change_password, change_of(service, ana)))
    await asyncio.wait({change}, timeout=0.1)
    held.go_on.set()
    await asyncio.gather(login, change)
    assert await live_sessions(ana) == [ana.tokens["session_id"]]


async def test_a_change_under_way_is_seen_by_the_login_that_waits_for_it(service: Service) -> None:
    ana, run = await service.newcomer(), service.inside.db.execute
    held: Held[ChangePassword, IssuedToken] = Held(change_password)
    change = asyncio.create_task(run(held, change_of(service, ana)))
    await held.done.wait()
    login = asyncio.create_task(run(log_in, login_of(service, ana)))
    await asyncio.wait({login}, timeout=0.1)
    held.go_on.set()
    await change
    with pytest.raises(ChatError):
        await login
    assert await live_sessions(ana) == [ana.tokens["session_id"]]


async def test_logins_and_changes_at_once_leave_no_session_on_the_old_password(service: Service) -> None:
    run = service.inside.db.execute
    with database_errors(service.inside.db.engines.writer) as errors:
        for _ in range(10):
            ana = await service.newcomer()
            other = await service.another_session(ana)
            work: list[Any] = [run(log_in, login_of(service, ana)) for _ in range(4)]
            work[2:2] = [run(change_password, change_of(service, ana)), other.refresh(), ana.refresh()]
            await asyncio.gather(*work, return_exceptions=True)
            assert await live_sessions(ana) == [ana.tokens["session_id"]]
            assert not await is_live(other)
    assert errors == []  # no deadlock either


async def test_two_sessions_that_change_the_password_at_once_do_not_both_live_on(service: Service) -> None:
    for _ in range(10):
        ana = await service.newcomer()
        other = await service.another_session(ana)
        run = service.inside.db.execute
        changes = [run(change_password, change_of(service, device)) for device in (ana, other)]
        done = await asyncio.gather(*changes, return_exceptions=True)
        assert sorted(isinstance(one, ChatError) for one in done) == [False, True]
        assert sorted([await is_live(ana), await is_live(other)]) == [False, True]


async def test_two_changes_of_one_session_at_once_are_one_change(service: Service) -> None:
    """Both were asked with the old password; after the first one it is no longer the current one."""
    for _ in range(5):
        ana = await service.newcomer()
        changes = [replace(change_of(service, ana), new_hash=name) for name in ("one", "other")]
        work = [service.inside.db.execute(change_password, change) for change in changes]
        done = await asyncio.gather(*work, return_exceptions=True)
        (won,) = [change.new_hash for change, one in zip(changes, done, strict=True) if not isinstance(one, ChatError)]
        stored = await service.inside.db.read_primary(credentials_of_user, user_id=UUID(ana.id))
        assert stored is not None
        assert stored.password_hash == won


async def test_one_change_sent_twice_at_once_is_never_called_a_wrong_password(service: Service) -> None:
    """A client that repeats before the first answer has come: one is done, the other one may have to be repeated."""
    ana = await service.register("ana")
    body = {"current_password": PASSWORD, "new_password": "a new and better one"}
    answers = await asyncio.gather(*(ana.call("POST", "/v1/auth/password", body) for _ in range(3)))
    assert {code(answer) for answer in answers} <= {"ok", "try_again"}
    assert "ok" in map(code, answers)
    assert tokens(await ana.call("POST", "/v1/auth/password", body))["session_id"] == ana.tokens["session_id"]
