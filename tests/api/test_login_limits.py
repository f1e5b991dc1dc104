"""Logins: who is refused, for how long, and that nobody is locked out by somebody else."""

import random

import httpx2

from tests.api.conftest import Start, wait_of
from tests.support.service import PASSWORD, Service

# As long as a username may be at login, and nothing that an index could compress.
LONGEST = "".join(map(chr, random.Random(1).choices(range(0x20000, 0x2A000), k=1_024)))


async def _login(service: Service, username: str, password: str = "wrong", host: str = "192.0.2.1") -> httpx2.Response:
    """From an address, by default always the same."""
    transport = httpx2.ASGITransport(app=service.app, client=(host, 1234))
    async with httpx2.AsyncClient(transport=transport, base_url="http://chatsvc.test") as client:
        return await client.post("/v1/auth/login", json={"username": username, "password": password})


async def test_logins_are_limited_by_address_and_username_and_the_wait_that_is_told_is_true(start: Start) -> None:
    async with start(login="3/100") as service:
        await service.register("ana")
        assert [(await _login(service, "ana")).status_code for _ in range(3)] == [401] * 3
        seconds = wait_of(await _login(service, "ana", PASSWORD))
        service.clock.advance(seconds=seconds - 1.001)
        wait_of(await _login(service, "ana", PASSWORD))
        service.clock.advance(seconds=1.001)
        assert (await _login(service, "ana", PASSWORD)).status_code == 200
        wait_of(await _login(service, "ana", PASSWORD))


async def test_a_spelling_that_folds_alike_is_the_same_username(start: Start) -> None:
    async with start(login="2/100") as service:
        await _login(service, "ana")
        await _login(service, "ANA")
        wait_of(await _login(service, "\uff41na"))


async def test_another_address_and_another_username_have_their_own_allowance(start: Start) -> None:
    async with start(login="1/100") as service:
        await service.register("ana")
        await _login(service, "ana")
        wait_of(await _login(service, "ana"))
        assert (await _login(service, "ben")).status_code == 401
        assert (await _login(service, "ana", PASSWORD, host="192.0.2.2")).status_code == 200


async def test_a_username_that_nobody_has_is_limited_alike(start: Start) -> None:
    async with start(login="2/100") as service:
        await service.register("ana")
        for name in ("ana", "nobody", "", "not a name \U0001f600", "\ufdfa" * 1_024, LONGEST):
            told = [await _login(service, name) for _ in range(3)]
            assert [answer.status_code for answer in told] == [401, 401, 429], name
            assert {answer.headers["retry-after"] for answer in told[2:]} == {"50"}
            assert [answer.json()["error"]["code"] for answer in told[:2]] == ["invalid_credentials"] * 2


async def test_what_one_address_is_refused_locks_nobody_out_elsewhere(start: Start) -> None:
    async with start(login="2/100", login_username="5/100") as service:
        await service.register("ana")
        for _ in range(20):
            await _login(service, "ana")
        assert (await _login(service, "ana", PASSWORD, host="198.51.100.7")).status_code == 200


async def test_one_address_is_limited_over_all_usernames_and_one_username_over_all_addresses(start: Start) -> None:
    async with start(login_address="3/100", login_username="3/100") as service:
        assert [(await _login(service, f"u{at}")).status_code for at in range(4)] == [401, 401, 401, 429]
        hosts = [f"198.51.100.{at}" for at in range(4)]
        assert [(await _login(service, "ana", host=host)).status_code for host in hosts] == [401, 401, 401, 429]


async def test_an_ipv6_network_of_64_bits_is_one_address(start: Start) -> None:
    async with start(login="1/100") as service:
        assert (await _login(service, "ana", host="2001:db8::1")).status_code == 401
        wait_of(await _login(service, "ana", host="2001:db8::ffff:2"))
        assert (await _login(service, "ana", host="2001:db8:0:1::1")).status_code == 401
        assert (await _login(service, "ana", host="::ffff:192.0.2.9")).status_code == 401
        wait_of(await _login(service, "ana", host="192.0.2.9"))
        assert (await _login(service, "ana", host="fe80::1%eth0")).status_code == 401
        assert (await _login(service, "ana", host="no address")).status_code == 401
        wait_of(await _login(service, "ana", host="evil"))


async def test_changing_the_password_counts_as_logging_in(start: Start) -> None:
    async with start(login="3/100") as service:
        ana = await service.register("ana")
        body = {"current_password": "wrong", "new_password": "also wrong"}
        assert (await ana.call("POST", "/v1/auth/password", body)).status_code == 401  # two comparisons
        wait_of(await ana.call("POST", "/v1/auth/password", body))
