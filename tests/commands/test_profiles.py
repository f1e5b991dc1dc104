"""One's own profile: what is shown of a user, and when it moves."""

import asyncio

from tests.support.service import Service


async def test_a_display_name_is_changed_and_found_by(service: Service) -> None:
    ana, ben = await service.newcomer("ana"), await service.newcomer()
    service.clock.advance(seconds=5)
    changed = await ana.ok("PATCH", "/v1/users/me", {"display_name": "\u00c5ngstr\u00f6m"})
    assert changed == {
        **ana.user, "display_name": "\u00c5ngstr\u00f6m", "updated_at": "2026-11-23T12:00:05.000Z",
    }  # fmt: skip
    assert await ben.ok("GET", f"/v1/users/{ana.id}") == changed
    assert (await ben.ok("GET", "/v1/users/search?query=A\u030aNG"))["users"] == [changed]


async def test_what_changes_nothing_moves_nothing(service: Service) -> None:
    ana = await service.newcomer("ana")
    service.clock.advance(seconds=5)
    for body in ({}, {"display_name": None}, {"display_name": "ana"}):
        assert await ana.ok("PATCH", "/v1/users/me", body) == ana.user


async def test_a_clock_that_goes_back_does_not_take_the_profile_back(service: Service) -> None:
    ana = await service.newcomer("ana")
    service.clock.advance(seconds=-5)
    changed = await ana.ok("PATCH", "/v1/users/me", {"display_name": "Ana"})
    assert changed["updated_at"] == ana.user["updated_at"]


async def test_changes_at_once_end_in_one_of_them(service: Service) -> None:
    ana = await service.newcomer("ana")
    names = [f"Ana {at}" for at in range(8)]
    done = await asyncio.gather(*(ana.ok("PATCH", "/v1/users/me", {"display_name": name}) for name in names))
    assert [one["display_name"] for one in done] == names
    assert (await ana.ok("GET", "/v1/users/me")) in done
