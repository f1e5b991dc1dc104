"""What a person gets of all that is held of them."""

import json
from pathlib import Path
from typing import Any

import pytest
from pydantic import TypeAdapter

from chatsvc.api import export as exporting
from chatsvc.api.export import Export
from tests.faults.injected.injecting import at_statement, full, lost
from tests.faults.injected.stages import require_whole_pools
from tests.support.service import Device, Service, running_service, service_settings


async def exported(device: Device) -> Any:
    answer = await device.call("GET", "/v1/users/me/export")
    assert answer.status_code == 200
    told = answer.json()["data"]
    TypeAdapter(Export).validate_python(told)
    return told


@pytest.mark.parametrize("at_once", [1, 3, 500])
async def test_all_that_is_held_and_nothing_of_others(
    service: Service, monkeypatch: pytest.MonkeyPatch, at_once: int
) -> None:
    monkeypatch.setattr(exporting, "_AT_ONCE", at_once)
    ana = await service.register("ana", device_name="A phone")
    ben, cleo, silent = await service.newcomer("ben"), await service.newcomer("cleo"), await service.newcomer()
    talks = {other.id: await ana.open_direct(other) for other in (ben, cleo, silent)}
    foreign = await ben.open_direct(cleo)
    await ben.send(foreign, "f", "not for her")
    for number in range(7):
        await (ana if number % 2 else ben).send(talks[ben.id], f"{number}", f'said "{number}"')
    await cleo.send(talks[cleo.id], "c", "\\ \n \U0001f600")
    await service.login("ana")
    told = await exported(ana)
    assert told["user"] == await ana.ok("GET", "/v1/users/me")
    held = {one["conversation"]["id"]: one for one in told["conversations"]}
    assert set(held) == set(talks.values())
    for other, talk in talks.items():
        assert held[talk]["messages"] == await ana.history(talk)
        assert {one["id"] for one in held[talk]["users"]} == {ana.id, other}
    assert [one["device_name"] for one in told["sessions"]] == ["A phone", None]
    assert [one["event"] for one in told["audit_log"]] == ["register", "login"]
    assert all(one["request_id"] for one in told["audit_log"])
    assert "not for her" not in json.dumps(told)
    assert "argon2" not in json.dumps(told)


async def test_an_export_costs_an_allowance(database_url: str, data_dir: Path) -> None:
    settings = service_settings(database_url, data_dir, rate_limits="on", limit_export="1/60")
    async with running_service(settings) as service:
        ana = await service.newcomer()
        await exported(ana)
        answer = await ana.call("GET", "/v1/users/me/export")
        assert (answer.status_code, answer.json()["error"]["code"]) == (429, "rate_limited")


@pytest.mark.parametrize("number", [1, 3, 4, 6])
async def test_one_that_fails_is_refused_or_cut_off_and_leaves_nothing_behind(
    service: Service, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    """The status goes out with the first piece: what fails later can only end the connection."""
    monkeypatch.setattr(exporting, "_AT_ONCE", 1)
    ana, ben, reader = await service.newcomer(), await service.newcomer(), service.inside.db.engines.reader
    talk = await ana.open_direct(ben)
    for at in range(3):
        await ana.send(talk, f"{at}")
    await exported(ana)
    with at_statement(reader, number + 1, full):  # the first one looks at the session
        if number <= 3:
            assert (await ana.call("GET", "/v1/users/me/export")).status_code == 503
        else:
            with pytest.raises(Exception, match="already started"):
                await ana.call("GET", "/v1/users/me/export")
    require_whole_pools(service)
    with at_statement(reader, number + 1, lost):
        await exported(ana)
