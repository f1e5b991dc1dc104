"""Somebody deleted leaves nothing but what they wrote, under a name that tells nothing."""

import asyncio
from uuid import UUID

import httpx2
import pytest

from chatsvc.commands.audit import Origin
from chatsvc.commands.delete_user import TOMBSTONE, DeleteUser, delete_user
from chatsvc.commands.disable_user import DisableUser, disable_user
from chatsvc.commands.enable_user import EnableUser, enable_user
from chatsvc.commands.reset_password import ResetPassword, reset_password
from chatsvc.commands.update_profile import UpdateProfile, update_profile
from chatsvc.db.bulk import TABLES, open_side
from chatsvc.db.urls import primary_url
from chatsvc.errors import TryAgain, UserNotFound
from tests.commands.signing_in import code, is_live
from tests.commands.test_disabling import opened, require_promises
from tests.support.service import PASSWORD, Device, Service


async def delete(device: Device, password: str = PASSWORD) -> httpx2.Response:
    return await device.call("DELETE", "/v1/users/me", {"password": password})


async def delete_by_operator(device: Device) -> bool:
    return await device.service.inside.db.execute(delete_user, DeleteUser(UUID(device.id), None, Origin()))


async def everything(service: Service) -> str:
    """All that the database holds, as text."""
    async with open_side(primary_url(service.inside.settings)) as side:
        return "\n".join([line.decode() for table in TABLES async for lines in side.lines(table) for line in lines])


async def test_nothing_is_left_but_what_was_written(service: Service) -> None:
    zelda = await service.register("zelda.fitz", display_name="Zelda Fitzgerald", device_name="Zelda's own phone")
    scott = await service.newcomer("scott")
    talk = await scott.open_direct(zelda)
    await zelda.send(talk, "k1", "from her")
    await scott.send(talk, "k2", "from him")
    for body in ({"username": "zelda.fitz", "password": "wrong"}, {"username": "zelda.fitz", "password": PASSWORD}):
        await service.call("POST", "/v1/auth/login", body)
    await service.call("POST", "/v1/auth/register", {"username": "zelda.fitz", "password": PASSWORD})
    before, session_id = await scott.history(talk), zelda.tokens["session_id"]
    assert code(await delete(zelda)) == "ok"
    left = (await everything(service)).lower()
    assert [word for word in ("zelda", "fitz", session_id, "argon2") if word in left] == []
    assert await scott.history(talk) == before
    (told,) = [one for one in (await scott.bootstrap())["users"] if one["id"] == zelda.id]
    assert (told["display_name"], told["username"][:8]) == (TOMBSTONE, "deleted-")
    assert await scott.ok("GET", f"/v1/users/{zelda.id}") == told
    await require_promises(service)


async def test_who_is_deleted_is_out_for_ever_and_the_name_is_free(service: Service) -> None:
    ana, ben = await service.register("ana"), await service.newcomer()
    other, talk = await service.another_session(ana), await ben.open_direct(ana)
    assert code(await delete(ana)) == "ok"
    assert [await is_live(one) for one in (ana, other)] == [False, False]
    assert code(await delete(ana)) == "access_token_invalid"  # repeated: there is nobody any more
    assert code(await ana.refresh()) == "refresh_token_invalid"
    assert code(await ben.send(talk, "1")) == "user_not_found"
    assert await opened(ben, ana) == "user_not_found"
    for query in ("ana", "deleted", "del"):
        assert (await ben.ok("GET", f"/v1/users/search?query={query}"))["users"] == []
    login = {"username": "ana", "password": PASSWORD}
    assert code(await service.call("POST", "/v1/auth/login", login)) == "invalid_credentials"
    namesake = await service.register("ana")
    assert namesake.id != ana.id
    assert (await namesake.bootstrap())["conversations"] == []
    run, user_id = service.inside.db.execute, UUID(ana.id)
    assert await run(disable_user, DisableUser(user_id, Origin())) is False
    for handler, command in (
        (enable_user, EnableUser(user_id, Origin())),
        (reset_password, ResetPassword(user_id, "hash", Origin())),
        (update_profile, UpdateProfile(user_id, "Ana again")),
    ):
        with pytest.raises(UserNotFound):
            await run(handler, command)  # type: ignore[arg-type]
    assert await delete_by_operator(ana) is False
    await require_promises(service)


async def test_the_password_is_asked_for(service: Service) -> None:
    ana = await service.register()
    assert code(await delete(ana, "another password")) == "invalid_credentials"
    assert code(await ana.call("DELETE", "/v1/users/me")) == "invalid_request"
    assert await is_live(ana)
    stale = DeleteUser(UUID(ana.id), "compared with another hash", Origin())
    with pytest.raises(TryAgain):
        await service.inside.db.execute(delete_user, stale)
    assert await is_live(ana)


async def test_what_only_the_deleted_could_read_goes_with_the_last_of_them(service: Service) -> None:
    ana, ben, cleo = [await service.newcomer() for _ in range(3)]
    between, kept = await ana.open_direct(ben), await ben.open_direct(cleo)
    for conversation in (between, kept):
        assert code(await ben.send(conversation, conversation, f"said in {conversation}")) == "ok"
    await delete_by_operator(ana)
    assert [one["seq"] for one in await ben.history(between)] == [1]
    await delete_by_operator(ben)
    left = await everything(service)
    assert (f"said in {between}" in left, between in left) == (False, False)
    assert [one["content"] for one in await cleo.history(kept)] == [f"said in {kept}"]
    await require_promises(service)


async def test_deleting_while_everybody_writes_waits_for_nobody_for_ever(service: Service) -> None:
    ana, *others = [await service.newcomer() for _ in range(6)]
    talks = [await ana.open_direct(other) for other in others]
    sends = [
        sender.send(talk, f"{at}-{talk}")
        for at in range(8)
        for talk, other in zip(talks, others, strict=True)
        for sender in (ana, other)
    ]
    half = len(sends) // 2
    writing = asyncio.gather(*sends[:half])
    deleted, *answers = await asyncio.gather(delete_by_operator(ana), *sends[half:])
    assert deleted is True
    told = {code(one) for one in [*await writing, *answers] if isinstance(one, httpx2.Response)}
    assert told <= {"ok", "user_not_found", "access_token_invalid"}
    await require_promises(service)
