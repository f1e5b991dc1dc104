"""Signing up and in: one user for a name in whatever spelling, and one answer for whatever does not fit."""

import asyncio
from uuid import uuid4

import pytest
from passlib.hash import argon2

from chatsvc.api.tokens import session_life
from chatsvc.commands.audit import Origin
from chatsvc.commands.register_user import RegisterUser, register_user
from chatsvc.errors import UsernameTaken
from chatsvc.queries.credentials import Credentials, credentials_of_username
from tests.commands.signing_in import code, is_live
from tests.support.service import PASSWORD, Device, Service


def sign_up(service: Service, username: str, password_hash: str = "-") -> RegisterUser:
    return RegisterUser(username, username, password_hash, None, session_life(service.inside.settings), Origin())


async def log_in(service: Service, username: str, password: str = PASSWORD) -> str:
    return code(await service.call("POST", "/v1/auth/login", {"username": username, "password": password}))


async def test_registering_signs_in(service: Service) -> None:
    body = {"username": "Ana.Maria_9-", "password": PASSWORD}
    answer = await service.call("POST", "/v1/auth/register", body)
    assert answer.status_code == 201
    signed_in = answer.json()["data"]
    user_id, now = signed_in["user"]["id"], "2026-11-23T12:00:00.000Z"
    name = "ana.maria_9-"
    assert signed_in["user"] == {
        "id": user_id, "username": name, "display_name": name, "created_at": now, "updated_at": now,
    }  # fmt: skip
    assert set(signed_in) == {"user", "tokens"}
    ana = Device(service, **signed_in)
    assert await ana.ok("GET", "/v1/users/me") == signed_in["user"]
    assert (await service.login(name)).user == signed_in["user"]


async def test_a_display_name_is_kept_as_it_was_given(service: Service) -> None:
    for given in ("Ana \u00c5ngstr\u00f6m", " spaced ", "\u202fx", "x" * 64, "\U0001f600" * 64, "a\u0301\u200d"):
        assert (await service.register(display_name=given)).user["display_name"] == given


async def test_spellings_that_fold_alike_are_one_name(service: Service) -> None:
    ana = await service.register("Ana")
    assert ana.user["username"] == "ana"
    for spelling in ("ana", "ANA", "aNa", "\uff21\uff4e\uff21", "\u1d43na"):
        body = {"username": spelling, "password": "somebody else's"}
        answer = await service.call("POST", "/v1/auth/register", body)
        assert (answer.status_code, answer.json()["error"]["code"]) == (409, "username_taken")
        assert (await service.login(spelling)).id == ana.id
    body = {"username": "\u0430na", "password": PASSWORD}  # a Cyrillic letter is another one
    assert (await service.call("POST", "/v1/auth/register", body)).status_code == 422


async def test_a_name_registered_several_times_at_once_is_one_user(service: Service) -> None:
    body = {"username": "ana", "password": PASSWORD}
    answers = await asyncio.gather(*(service.call("POST", "/v1/auth/register", body) for _ in range(4)))
    assert sorted(answer.status_code for answer in answers) == [201, 409, 409, 409]
    assert sorted(map(code, answers)) == ["ok"] + ["username_taken"] * 3

    for turn in range(20):
        work = [service.inside.db.execute(register_user, sign_up(service, f"name{turn}")) for _ in range(2)]
        done = await asyncio.gather(*work, return_exceptions=True)
        assert sorted(isinstance(one, UsernameTaken) for one in done) == [False, True]


async def test_whatever_does_not_fit_gets_one_answer(service: Service) -> None:
    await service.register("ana")
    names = ["nobody", "", "x", "a b", "%", "a" * 33, "x" * 1_024, "\U0001f600" * 1_024, "\x01\r\n", "' OR 1=1 --"]
    texts = set()
    for username, password in [
        *((name, PASSWORD) for name in names),
        ("ana", "wrong"),
        ("ana", ""),
        ("ana", "x" * 1_024),
    ]:
        answer = await service.call("POST", "/v1/auth/login", {"username": username, "password": password})
        assert (answer.status_code, code(answer)) == (401, "invalid_credentials"), username
        texts.add(answer.text)
    assert len(texts) == 1
    too_long = {"username": "x" * 1_025, "password": PASSWORD}
    assert (await service.call("POST", "/v1/auth/login", too_long)).status_code == 422


async def test_a_password_is_compared_in_nfc_and_exactly_otherwise(service: Service) -> None:
    body = {"username": "ana", "password": "cafe\u0301 au lait"}
    assert (await service.call("POST", "/v1/auth/register", body)).status_code == 201
    assert await log_in(service, "ana", "caf\u00e9 au lait") == "ok"
    for wrong in ("cafe au lait", "CAF\u00c9 AU LAIT", "caf\u00e9 au lait ", "\uff43af\u00e9 au lait"):
        assert await log_in(service, "ana", wrong) == "invalid_credentials"


async def test_each_login_is_a_session_of_its_own(service: Service) -> None:
    first = await service.register("ana")
    second = await service.login("ana")
    assert first.tokens["session_id"] != second.tokens["session_id"]
    await first.call("POST", "/v1/auth/logout", {"refresh_token": first.tokens["refresh_token"]})
    assert [await is_live(first), await is_live(second)] == [False, True]


async def stored(service: Service, username: str) -> str:
    found: Credentials | None = await service.inside.db.read_primary(credentials_of_username, username=username)
    assert found is not None
    return found.password_hash


@pytest.mark.real_hashes
async def test_a_hash_of_older_parameters_is_made_anew_at_a_login(service: Service) -> None:
    old = argon2.using(type="ID", time_cost=1, memory_cost=1_024, parallelism=1).hash(PASSWORD)
    await service.inside.db.execute(register_user, sign_up(service, "ana", old))
    assert await log_in(service, "ana", "wrong password") == "invalid_credentials"
    assert await stored(service, "ana") == old
    assert await log_in(service, "ana") == "ok"
    new = await stored(service, "ana")
    assert new.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert await log_in(service, "ana") == "ok"
    assert await stored(service, "ana") == new


@pytest.mark.real_hashes
async def test_logins_at_once_while_the_hash_is_made_anew_are_never_called_wrong(service: Service) -> None:
    old = argon2.using(type="ID", time_cost=1, memory_cost=1_024, parallelism=1).hash(PASSWORD)
    username = f"u{uuid4().hex[:8]}"
    await service.inside.db.execute(register_user, sign_up(service, username, old))
    codes = await asyncio.gather(*(log_in(service, username) for _ in range(3)))
    assert set(codes) <= {"ok", "try_again"}
    assert "ok" in codes
    assert await log_in(service, username) == "ok"
