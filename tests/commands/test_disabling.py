"""Somebody disabled is signed out, cannot sign in, and is not written to; enabled again, all of it works."""

import asyncio
from uuid import UUID

import pytest

from chatsvc.api.tokens import session_life
from chatsvc.commands.audit import Origin
from chatsvc.commands.change_password import ChangePassword, change_password
from chatsvc.commands.disable_user import DisableUser, disable_user
from chatsvc.commands.enable_user import EnableUser, enable_user
from chatsvc.commands.log_in import LoggedIn, LogIn, log_in
from chatsvc.commands.open_direct import OpenDirect, OpenedDirect, open_direct
from chatsvc.commands.reset_password import ResetPassword, reset_password
from chatsvc.errors import InvalidCredentials, UserNotFound
from chatsvc.ops.check import check
from tests.commands.holding import Held, somebody_waits
from tests.commands.signing_in import audit_log, code, is_live
from tests.support.listening import database_errors
from tests.support.service import PASSWORD, Device, Service


async def disable(device: Device) -> bool:
    return await device.service.inside.db.execute(disable_user, DisableUser(UUID(device.id), Origin()))


async def enable(device: Device) -> bool:
    return await device.service.inside.db.execute(enable_user, EnableUser(UUID(device.id), Origin()))


async def opened(one: Device, other: Device) -> str:
    return code(await one.call("POST", "/v1/conversations/direct", {"other_user_id": other.id}))


async def require_promises(service: Service) -> None:
    assert (await service.inside.db.read_primary(check)).breaches == []


async def test_who_is_disabled_is_out_and_stays_out(service: Service) -> None:
    ana = await service.register("ana")
    other = await service.another_session(ana)
    assert await disable(ana)
    assert [await is_live(one) for one in (ana, other)] == [False, False]
    assert code(await ana.refresh()) == "refresh_token_invalid"
    login = {"username": "ana", "password": PASSWORD}
    assert code(await service.call("POST", "/v1/auth/login", login)) == "invalid_credentials"
    taken = await service.call("POST", "/v1/auth/register", {"username": "ana", "password": PASSWORD})
    assert code(taken) == "username_taken"
    assert await enable(ana)
    assert not await is_live(ana)  # what was ended stays ended
    assert code(await service.call("POST", "/v1/auth/login", login)) == "ok"
    told = [f"{one.event} {one.outcome}" for one in await audit_log(service)]
    assert told[told.index("disable ok") :] == [
        "disable ok",
        "login invalid_credentials",
        "register username_taken",
        "enable ok",
        "login ok",
    ]
    await require_promises(service)


async def test_who_is_disabled_is_not_written_to_and_not_found(service: Service) -> None:
    ana, ben, cleo = [await service.newcomer(name) for name in ("ana", "ben", "cleo")]
    talk, elsewhere = await ana.open_direct(ben), await ana.open_direct(cleo)
    first = (await ana.send(talk, "1")).json()
    await disable(ben)
    assert code(await ana.send(talk, "2")) == "user_not_found"
    again = await ana.send(talk, "1")
    assert (again.status_code, again.json()) == (200, first)
    items = [{"conversation_id": of, "client_message_id": "3", "content": "hello"} for of in (talk, elsewhere)]
    results = (await ana.batch(items)).json()["data"]["results"]
    assert [(one["status"], one.get("error", {}).get("code")) for one in results] == [
        (404, "user_not_found"),
        (201, None),
    ]
    assert [await opened(one, ben) for one in (ana, cleo)] == ["user_not_found"] * 2
    assert (await ana.ok("GET", "/v1/users/search?query=ben"))["users"] == []
    assert [one["seq"] for one in await ana.history(talk)] == [1]  # what was said stays
    await require_promises(service)
    await enable(ben)
    assert (await ana.send(talk, "2")).json()["data"]["seq"] == 2
    assert [await opened(one, ben) for one in (ana, cleo)] == ["ok"] * 2
    assert [one["id"] for one in (await ana.ok("GET", "/v1/users/search?query=ben"))["users"]] == [ben.id]
    await require_promises(service)


async def test_where_both_are_disabled_both_must_be_enabled(service: Service) -> None:
    ana, ben = await service.newcomer(), await service.newcomer()
    talk = await ana.open_direct(ben)
    assert [await disable(one) for one in (ana, ben, ana)] == [True, True, False]
    assert await enable(ana)
    ana = await service.another_session(ana)
    assert code(await ana.send(talk, "1")) == "user_not_found"
    assert [await enable(one) for one in (ben, ana)] == [True, False]
    assert code(await ana.send(talk, "1")) == "ok"
    await require_promises(service)


async def test_a_new_password_ends_every_session(service: Service) -> None:
    ana = await service.newcomer("ana")
    other = await service.another_session(ana)
    run, command = service.inside.db.execute, ResetPassword(UUID(ana.id), "another hash", Origin())
    await run(reset_password, command)
    assert [await is_live(one) for one in (ana, other)] == [False, False]
    with pytest.raises(UserNotFound):
        await run(reset_password, ResetPassword(UUID(int=7), "another hash", Origin()))


def login_of(device: Device) -> LogIn:
    return LogIn(UUID(device.id), "-", None, None, session_life(device.service.inside.settings), Origin())


async def test_a_login_under_way_leaves_no_session(service: Service) -> None:
    ana, run = await service.newcomer(), service.inside.db.execute
    held: Held[LogIn, LoggedIn] = Held(log_in)
    login = asyncio.create_task(run(held, login_of(ana)))
    await held.done.wait()
    disabling = asyncio.create_task(disable(ana))
    await somebody_waits(service)
    held.go_on.set()
    await asyncio.gather(login, disabling)
    await require_promises(service)
    with pytest.raises(InvalidCredentials):
        await run(log_in, login_of(ana))


async def test_what_is_opened_meanwhile_is_closed(service: Service) -> None:
    ana, ben, run = await service.newcomer(), await service.newcomer(), service.inside.db.execute
    held: Held[OpenDirect, OpenedDirect] = Held(open_direct)
    opening = asyncio.create_task(run(held, OpenDirect(UUID(ana.id), UUID(ben.id))))
    await held.done.wait()
    disabling = asyncio.create_task(disable(ben))
    await somebody_waits(service)
    held.go_on.set()
    talk = str((await opening).conversation_id)
    await disabling
    assert code(await ana.send(talk, "1")) == "user_not_found"
    await require_promises(service)


@pytest.mark.parametrize("late", ["opening", "sending"])
async def test_what_waits_for_the_disabling_sees_it(service: Service, late: str) -> None:
    ana, ben, cleo = [await service.newcomer() for _ in range(3)]
    talk = await ana.open_direct(ben)
    held: Held[DisableUser, bool] = Held(disable_user)
    disabling = asyncio.create_task(service.inside.db.execute(held, DisableUser(UUID(ben.id), Origin())))
    await held.done.wait()
    waiting = asyncio.create_task(opened(cleo, ben)) if late == "opening" else asyncio.create_task(ana.send(talk, "1"))
    await somebody_waits(service)
    held.go_on.set()
    await disabling
    answer = await waiting
    assert (answer if isinstance(answer, str) else code(answer)) == "user_not_found"
    await require_promises(service)


async def test_locks_are_taken_in_the_order_of_everybody(service: Service) -> None:
    """Sessions before their user, as a change of the password does: the other way round the two meet half-way."""
    run, life = service.inside.db.execute, session_life(service.inside.settings)
    with database_errors(service.inside.db.engines.writer) as errors:
        for _ in range(8):
            ana = await service.newcomer()
            session_id, user_id = UUID(ana.tokens["session_id"]), UUID(ana.id)
            change = ChangePassword(user_id, session_id, "-", "new", life, Origin())
            await asyncio.gather(
                *(run(change_password, change) for _ in range(3)),
                *(disable(ana) for _ in range(3)),
                return_exceptions=True,
            )
    assert errors == []
    await require_promises(service)
