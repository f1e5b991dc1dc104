"""Users, as others see them, and the search for them."""

from typing import Any
from urllib.parse import quote
from uuid import uuid4

import pytest

from tests.commands.signing_in import code
from tests.support.service import Device, Service

PEOPLE = {
    "ana": "Zoe",
    "ana.b": "Ana B",
    "anabel": "Bel",
    "banana": "Anatole",
    "bo_": "100% Bo",
    "bo_x": "Under_score",
    "bob": "\u00c5ngstr\u00f6m",
    "stra": "Stra\u00dfe 7",
    "zed": "\uff21\uff2e\uff21 wide",
}


@pytest.fixture
async def ana(service: Service) -> Device:
    first, *_ = [await service.newcomer(username, name) for username, name in PEOPLE.items()]
    return first


@pytest.fixture
async def me(service: Service, ana: Device) -> Device:
    return await service.newcomer("an.onlooker", "Ana Onlooker")


async def found(device: Device, query: str, more: str = "") -> list[str]:
    answer: dict[str, Any] = await device.ok("GET", f"/v1/users/search?query={quote(query)}{more}")
    return [user["username"] for user in answer["users"]]


async def test_a_prefix_of_the_username_or_the_display_name_finds(me: Device) -> None:
    expected = {
        "ana": ["ana", "ana.b", "anabel", "banana", "zed"],
        "anab": ["anabel"],
        "nana": [],
        "zo": ["ana"],
        "z": ["ana", "zed"],
        "bel": ["anabel"],
        "ana b": ["ana.b"],
        "bob": ["bob"],
        "x": [],
    }
    assert {query: await found(me, query) for query in expected} == expected


async def test_cases_widths_and_compositions_are_folded(me: Device) -> None:
    expected = {
        "ANA": ["ana", "ana.b", "anabel", "banana", "zed"],
        "\uff41\uff4e\uff41": ["ana", "ana.b", "anabel", "banana", "zed"],
        "\u00e5NG": ["bob"],
        "A\u030angstro\u0308M": ["bob"],
        "STRASSE": ["stra"],
        "stra\u00dfe": ["stra"],
        "  ana b\t": ["ana.b"],
        "\u2003zed\u3000": ["zed"],
    }
    assert {query: await found(me, query) for query in expected} == expected


async def test_percent_and_underscore_are_plain_characters(me: Device) -> None:
    expected = {
        "%": [], "_": [], "a%": [], "100%": ["bo_"], "10_": [], "bo_": ["bo_", "bo_x"], "bo%": [],
        "under_": ["bo_x"], "under%": [], "*": [], "\\": [], "'": [], '"; --': [],
    }  # fmt: skip
    assert {query: await found(me, query) for query in expected} == expected


async def test_the_exact_username_comes_first_and_then_they_run_by_username(service: Service, me: Device) -> None:
    await service.newcomer("an-a", "Banana")
    await service.newcomer("an_a", "Anaconda")
    assert await found(me, "ban") == ["an-a", "banana"]
    assert await found(me, "banana") == ["banana", "an-a"]
    assert await found(me, "an") == ["an-a", "an_a", "ana", "ana.b", "anabel", "banana", "zed"]
    assert await found(me, "ana", "&limit=2") == ["ana", "an_a"]
    assert await found(me, "ana", "&limit=1") == ["ana"]
    assert len(await found(me, "an", "&limit=50")) == 7


async def test_the_caller_is_left_out(me: Device, ana: Device) -> None:
    assert await found(me, "an.onlooker") == []
    assert await found(ana, "an.onlooker") == ["an.onlooker"]
    assert await found(ana, "ana onlooker") == ["an.onlooker"]
    assert await found(ana, "ana") == ["an.onlooker", "ana.b", "anabel", "banana", "zed"]


async def test_the_last_characters_of_unicode_have_an_upper_bound_too(service: Service, me: Device) -> None:
    names = ["\U0010ffff", "\U0010ffff\U0010ffffx", "\ud7ff", "\ue000", "x\U0010ffff"]
    for at, name in enumerate(names):
        await service.newcomer(f"odd{at}", name)
    assert await found(me, "\U0010ffff") == ["odd0", "odd1"]
    assert await found(me, "\U0010ffff" * 2) == ["odd1"]
    assert await found(me, "\ud7ff") == ["odd2"]
    assert await found(me, "\ue000") == ["odd3"]
    assert await found(me, "x\U0010ffff") == ["odd4"]


async def test_queries_are_of_1_to_64_characters(service: Service, me: Device) -> None:
    for query in ("", "%20", "%E2%80%83%09", "x" * 65, "%00", "a&limit=0", "a&limit=51", "%ff"):
        assert code(await me.call("GET", f"/v1/users/search?query={query}")) == "invalid_request", query
    assert code(await me.call("GET", "/v1/users/search")) == "invalid_request"
    assert await found(me, "x" * 64) == []
    assert await found(me, " " * 100 + "ana b") == ["ana.b"]


async def test_a_user_is_five_fields_and_nothing_else(service: Service, me: Device, ana: Device) -> None:
    now = "2026-11-23T12:00:00.000Z"
    shown = {"id": ana.id, "username": "ana", "display_name": "Zoe", "created_at": now, "updated_at": now}
    assert await me.ok("GET", f"/v1/users/{ana.id}") == shown
    assert await me.ok("GET", f"/v1/users/{ana.id.upper()}") == shown
    assert await ana.ok("GET", "/v1/users/me") == shown
    assert (await me.ok("GET", "/v1/users/search?query=ana&limit=1"))["users"] == [shown]
    for user_id in (str(uuid4()), "nobody"):
        answer = await me.call("GET", f"/v1/users/{user_id}")
        assert (answer.status_code, code(answer)) == (404, "user_not_found")
