"""The audit log: who did what from where and how it ended, and never a secret."""

from typing import Any
from uuid import UUID

from tests.commands.signing_in import audit_log, code, successor, tokens
from tests.support.service import PASSWORD, Device, Service

NEW = "a new and better one"


async def told(service: Service) -> list[tuple[str, str]]:
    return [(entry.event, entry.outcome) for entry in await audit_log(service)]


async def test_every_event_is_written_with_its_outcome(service: Service) -> None:
    ana = await service.register("ana")
    assert code(await service.call("POST", "/v1/auth/register", {"username": "ANA", "password": PASSWORD})) != "ok"
    second, third = await service.login("ana"), await service.login("ana")
    await service.call("POST", "/v1/auth/login", {"username": "Ana", "password": "wrong password"})
    await service.call("POST", "/v1/auth/login", {"username": "Nobody", "password": "wrong password"})
    await service.call("POST", "/v1/auth/logout", {"refresh_token": second.tokens["refresh_token"]})
    await ana.ok("DELETE", f"/v1/auth/sessions/{third.tokens['session_id']}")
    await ana.call("POST", "/v1/auth/password", {"current_password": "wrong", "new_password": NEW})
    await ana.call("POST", "/v1/auth/password", {"current_password": PASSWORD, "new_password": NEW})
    await successor(ana, await successor(ana))
    assert code(await ana.refresh()) == "refresh_token_reused"

    wrong = "invalid_credentials"
    events = [(entry.event, entry.outcome, entry.username) for entry in await audit_log(service)]
    assert events == [
        ("register", "ok", None),
        ("register", "username_taken", "ana"),
        ("login", "ok", None),
        ("login", "ok", None),
        ("login", wrong, "ana"),
        ("login", wrong, "nobody"),
        ("logout", "ok", None),
        ("end_session", "ok", None),
        ("password", wrong, "ana"),
        ("password", "ok", None),
        ("refresh", "ok", None),
        ("refresh", "ok", None),
        ("refresh", "refresh_token_reused", None),
    ]
    users = [entry.user_id for entry in await audit_log(service)]
    assert users == [UUID(ana.id), None, *[UUID(ana.id)] * 3, None, *[UUID(ana.id)] * 7]
    sessions = [entry.session_id for entry in await audit_log(service)]
    a, b, c = (UUID(device.tokens["session_id"]) for device in (ana, second, third))
    assert sessions == [a, None, b, c, None, None, b, c, a, a, a, a, a]


async def test_a_token_that_has_expired_is_told_of(service: Service) -> None:
    ana = await service.newcomer()
    service.clock.advance(days=60)
    assert code(await ana.refresh()) == "refresh_token_expired"
    assert await told(service) == [("register", "ok"), ("refresh", "refresh_token_expired")]


async def test_an_entry_says_when_from_where_and_for_which_request(service: Service) -> None:
    body = {"username": "ana", "password": PASSWORD}
    named = await service.call("POST", "/v1/auth/register", body, headers={"X-Request-ID": "my.request-1"})
    assert named.status_code == 201
    service.clock.advance(seconds=1.5)
    given = await service.call("POST", "/v1/auth/login", body)
    first, second = await audit_log(service)
    assert (first.ip, first.request_id) == ("127.0.0.1", "my.request-1")
    assert (second.ip, second.request_id) == ("127.0.0.1", given.headers["X-Request-ID"])
    assert first.at.isoformat() == "2026-11-23T12:00:00+00:00"
    assert second.at.isoformat() == "2026-11-23T12:00:01.500000+00:00"


async def test_what_did_nothing_is_not_written(service: Service) -> None:
    ana = await service.newcomer()
    other = await service.another_session(ana)
    before = await told(service)
    for token in ("unknown", other.tokens["refresh_token"], other.tokens["refresh_token"]):
        await service.call("POST", "/v1/auth/logout", {"refresh_token": token})
    for _ in range(2):
        await ana.ok("DELETE", f"/v1/auth/sessions/{other.tokens['session_id']}")
    await ana.ok("GET", "/v1/auth/sessions")
    assert (await told(service))[len(before) :] == [("logout", "ok")]


async def test_no_entry_holds_a_secret(service: Service) -> None:
    ana = await service.register("ana", device_name="phone")
    typed = "my password by mistake " * 40
    secrets = [PASSWORD, NEW, "wrong password", ana.tokens["access_token"], ana.tokens["refresh_token"]]
    await service.call("POST", "/v1/auth/login", {"username": typed, "password": "wrong password"})
    await service.call("POST", "/v1/auth/login", {"username": "ana", "password": "wrong password"})
    body = {"current_password": PASSWORD, "new_password": NEW}
    fresh: Any = tokens(await ana.call("POST", "/v1/auth/password", body))
    newest = tokens(await Device(service, ana.user, fresh).refresh())
    secrets += [fresh["refresh_token"], fresh["access_token"], newest["refresh_token"], newest["access_token"]]
    await service.call("POST", "/v1/auth/logout", {"refresh_token": ana.tokens["refresh_token"]})
    entries = await audit_log(service)
    text = " ".join(str(entry.model_dump()) for entry in entries)
    assert not [secret for secret in secrets if secret in text]
    assert "$argon2" not in text
    assert max(len(entry.username or "") for entry in entries) == 64
