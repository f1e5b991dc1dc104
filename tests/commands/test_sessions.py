"""One's sessions: listed, ended one by one, and left by logging out."""

from uuid import uuid4

from tests.commands.signing_in import code, is_live, live_sessions, successor, tokens, use
from tests.support.service import PASSWORD, Device, Service


async def log_out(service: Service, token: str) -> None:
    answer = await service.call("POST", "/v1/auth/logout", {"refresh_token": token})
    assert (answer.status_code, answer.json()) == (200, {"data": {}})


async def end(device: Device, session_id: str) -> str:
    answer = await device.call("DELETE", f"/v1/auth/sessions/{session_id}")
    assert not answer.is_success or answer.json() == {"data": {}}
    return code(answer)


async def test_the_list_tells_of_each_live_session(service: Service) -> None:
    phone = await service.register("ana", device_name="Ana's phone")
    service.clock.advance(hours=1)
    laptop = await service.login("ana")
    service.clock.advance(minutes=1)
    await service.newcomer()
    answer = await laptop.ok("GET", "/v1/auth/sessions")
    assert answer == {
        "sessions": [
            {
                "id": laptop.tokens["session_id"],
                "device_name": None,
                "created_at": "2026-11-23T13:00:00.000Z",
                "last_used_at": "2026-11-23T13:00:00.000Z",
                "expires_at": "2027-01-22T13:00:00.000Z",
                "current": True,
            },
            {
                "id": phone.tokens["session_id"],
                "device_name": "Ana's phone",
                "created_at": "2026-11-23T12:00:00.000Z",
                "last_used_at": "2026-11-23T12:00:00.000Z",
                "expires_at": "2027-01-22T12:00:00.000Z",
                "current": False,
            },
        ]
    }


async def test_last_use_moves_at_a_refresh_and_at_nothing_else(service: Service) -> None:
    ana = await service.newcomer()
    for minutes, refreshes in ((5, False), (5, True), (5, False)):
        service.clock.advance(minutes=minutes)
        await ana.ok("GET", "/v1/users/me")
        if refreshes:
            await use(ana)
    (session,) = (await ana.ok("GET", "/v1/auth/sessions"))["sessions"]
    assert session["last_used_at"] == "2026-11-23T12:10:00.000Z"
    assert session["created_at"] == "2026-11-23T12:00:00.000Z"
    assert session["expires_at"] == ana.tokens["refresh_token_expires_at"] == "2027-01-22T12:10:00.000Z"


async def test_a_password_change_is_no_use_but_its_token_is_the_newest(service: Service) -> None:
    ana = await service.register("ana")
    service.clock.advance(minutes=5)
    body = {"current_password": PASSWORD, "new_password": "another password"}
    changed = tokens(await ana.call("POST", "/v1/auth/password", body))
    (session,) = (await ana.ok("GET", "/v1/auth/sessions"))["sessions"]
    assert session["last_used_at"] == "2026-11-23T12:00:00.000Z"
    assert session["expires_at"] == changed["refresh_token_expires_at"] == "2027-01-22T12:05:00.000Z"


async def test_ending_an_own_session_ends_its_tokens_and_may_be_repeated(service: Service) -> None:
    ana = await service.newcomer()
    other = await service.another_session(ana)
    for _ in range(3):
        assert await end(ana, other.tokens["session_id"]) == "ok"
    assert await end(ana, other.tokens["session_id"].upper()) == "ok"
    assert not await is_live(other)
    assert code(await other.refresh()) == "refresh_token_invalid"
    assert await live_sessions(ana) == [ana.tokens["session_id"]]


async def test_ending_the_session_that_asks_is_leaving(service: Service) -> None:
    ana = await service.newcomer()
    assert await end(ana, ana.tokens["session_id"]) == "ok"
    assert not await is_live(ana)
    assert code(await ana.refresh()) == "refresh_token_invalid"


async def test_a_session_of_somebody_else_and_none_at_all_look_alike(service: Service) -> None:
    ana, ben = await service.newcomer(), await service.newcomer()
    texts = set()
    for session_id in (ben.tokens["session_id"], str(uuid4()), ana.id, "current", "x" * 500):
        answer = await ana.call("DELETE", f"/v1/auth/sessions/{session_id}")
        assert (answer.status_code, code(answer)) == (404, "session_not_found")
        texts.add(answer.text)
    assert len(texts) == 1
    assert await is_live(ben)
    assert code(await ben.refresh()) == "ok"


async def test_logging_out_with_any_known_token_ends_its_session(service: Service) -> None:
    ana = await service.newcomer()
    for which in ("held", "successor", "spent", "expired"):
        other = await service.another_session(ana)
        token = first = other.tokens["refresh_token"]
        if which != "held":
            token = await successor(other)
        if which == "spent":
            other.tokens["refresh_token"], token = await successor(other, token), first
        if which == "expired":
            for _ in range(2):
                await use(ana)
                await use(other)
                service.clock.advance(days=30)
            await use(other)
            token = first
        for _ in range(3):
            await log_out(service, token)
        assert not await is_live(other)
        assert code(await other.refresh()) == "refresh_token_invalid"
        await use(ana)
        assert await live_sessions(ana) == [ana.tokens["session_id"]]


async def test_logging_out_with_an_unknown_token_is_nothing(service: Service) -> None:
    ana = await service.newcomer()
    for token in ("unknown", ana.tokens["access_token"], ana.tokens["refresh_token"] + "x"):
        await log_out(service, token)
    assert await is_live(ana)
