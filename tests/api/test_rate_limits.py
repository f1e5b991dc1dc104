"""Allowances of addresses and users: what costs one, what does not, and what a batch gets of it."""

from pathlib import Path

from tests.api.conftest import WIDE, Start, wait_of
from tests.support.service import PASSWORD, Device, Service, running_service, service_settings


async def test_registering_and_refreshing_are_limited_by_address(start: Start) -> None:
    async with start(register="2/100", refresh="2/100") as service:
        ana = await service.register("ana")
        await service.register("ben")
        wait_of(await service.call("POST", "/v1/auth/register", {"username": "carla", "password": PASSWORD}))
        assert [(await ana.refresh()).status_code for _ in range(2)] == [200, 200]
        wait_of(await ana.refresh())
        wait_of(await service.call("POST", "/v1/auth/logout", {"refresh_token": "x"}))


async def _people(service: Service) -> tuple[Device, Device, str]:
    ana, ben = await service.newcomer(), await service.newcomer()
    return ana, ben, await ana.open_direct(ben)


async def test_searching_opening_and_sending_are_limited_by_user(start: Start) -> None:
    async with start(search="2/60", open="1/60", send="2/60") as service:
        ana, ben, conversation_id = await _people(service)
        carla = await service.newcomer()
        assert [(await ana.call("GET", "/v1/users/search?query=u")).status_code for _ in range(2)] == [200, 200]
        wait_of(await ana.call("GET", "/v1/users/search?query=u"))
        assert (await ben.call("GET", "/v1/users/search?query=u")).status_code == 200
        seconds = wait_of(await ana.call("POST", "/v1/conversations/direct", {"other_user_id": carla.id}))
        assert [(await ana.send(conversation_id, key)).status_code for key in "ab"] == [201, 201]
        wait_of(await ana.send(conversation_id, "c"))
        assert (await ana.send(conversation_id, "a")).status_code == 200
        assert (await ben.send(conversation_id, "c")).status_code == 201
        service.clock.advance(seconds=seconds)
        assert await ana.open_direct(carla)
        assert (await ana.send(conversation_id, "c")).status_code == 201


async def test_what_creates_nothing_costs_nothing(start: Start) -> None:
    async with start(open="2/60", send="1/60") as service:
        ana, ben, conversation_id = await _people(service)
        carla = await service.newcomer()
        for _ in range(3):
            assert await ana.open_direct(ben) == conversation_id
            for other in (ana.id, conversation_id):
                answer = await ana.call("POST", "/v1/conversations/direct", {"other_user_id": other})
                assert answer.status_code in {400, 404}
            assert (await ana.send(ana.id, "lost")).status_code == 404
        assert await ana.open_direct(carla)
        assert (await ana.send(conversation_id, "a")).status_code == 201


async def test_a_batch_is_granted_its_first_new_messages_in_order(start: Start) -> None:
    async with start(send="3/60") as service:
        ana, _, conversation_id = await _people(service)
        await ana.send(conversation_id, "old")
        keys = ["a", "old", "", "b", "c", "a", "d"]
        items = [{"conversation_id": conversation_id, "client_message_id": key, "content": "hello"} for key in keys]
        answer = await ana.batch(items)
        statuses = [result["status"] for result in answer.json()["data"]["results"]]
        assert statuses == [201, 200, 422, 201, 429, 200, 429]
        assert [message["client_message_id"] for message in await ana.history(conversation_id)] == ["old", "a", "b"]
        service.clock.advance(seconds=int(answer.headers["retry-after"]))
        again = (await ana.batch(items)).json()["data"]["results"]
        assert [result["status"] for result in again] == [200, 200, 422, 200, 201, 200, 429]


async def test_limits_that_are_off_refuse_nobody(database_url: str, data_dir: Path) -> None:
    rates = dict.fromkeys(WIDE, "1/3600")
    async with running_service(service_settings(database_url, data_dir, **rates, limit_send="1/3600")) as service:
        ana = await service.register("ana")
        conversation_id = await ana.open_direct(await service.register("ben"))
        wrong = {"username": "ana", "password": "wrong"}
        assert {(await service.call("POST", "/v1/auth/login", wrong)).status_code for _ in range(5)} == {401}
        assert {(await ana.send(conversation_id, key)).status_code for key in "abc"} == {201}
