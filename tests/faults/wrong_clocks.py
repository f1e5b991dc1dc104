"""People who talk and stay signed in while the clocks of the service are wrong, and what they were told."""

import random
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from chatsvc.ops.check import check
from tests.commands.sending import item, results
from tests.commands.signing_in import code
from tests.support.service import Device, Service

SIZES = {"seconds": 40.0, "hours": 30.0, "days": 9.0}
NOON = datetime.fromisoformat("2026-11-23T12:00:00Z")


@dataclass
class SignedIn:
    """A device with its chain: `spent` are tokens before its parent, of which none may be shown again."""

    device: Device
    spent: list[str] = field(default_factory=list)
    before: str | None = None
    ended: bool = False


@dataclass
class World:
    """`services` serve one database, each by its own clock."""

    services: list[Service]
    random: random.Random
    bound: timedelta = timedelta(days=20)
    signed_in: list[SignedIn] = field(default_factory=list)
    talks: list[tuple[Device, str]] = field(default_factory=list)
    sent: list[tuple[Device, dict[str, str], Any]] = field(default_factory=list)
    jumps: int = 0
    ends: int = 0
    expired: int = 0

    async def people(self, count: int) -> None:
        for _ in range(count):
            self.signed_in.append(SignedIn(await self.any_service().newcomer()))
        for one, other in zip(self.signed_in, self.signed_in[1:], strict=False):
            talk = await one.device.open_direct(other.device)
            self.talks += [(one.device, talk), (other.device, talk)]

    def any_service(self) -> Service:
        return self.random.choice(self.services)

    def jump(self) -> None:
        """One of the clocks, by seconds, hours or days, forward or back; never further than `bound` from noon."""
        clock, unit = self.any_service().clock, self.random.choice([*SIZES])
        by = timedelta(**{unit: self.random.uniform(-SIZES[unit], SIZES[unit])})
        clock.moment = min(max(clock.moment + by, NOON - self.bound), NOON + self.bound)
        self.jumps += 1

    async def asked(self, device: Device) -> Device:
        """The device, with an access token that is good where it asks: a phone refreshes when it is told to."""
        device = replace(device, service=self.any_service())
        answer = await device.call("GET", "/v1/users/me")
        if code(answer) == "access_token_expired":
            self.expired += 1
            refreshed = await device.refresh()
            assert refreshed.status_code == 200, refreshed.text
            device.tokens = refreshed.json()["data"]["tokens"]
            answer = await device.call("GET", "/v1/users/me")
        assert answer.status_code == 200, answer.text
        return device

    async def send(self) -> None:
        sender, talk = self.random.choice(self.talks)
        device = await self.asked(self.device_of(sender))
        items = [item(talk, f"{len(self.sent)}-{at}") for at in range(self.random.randint(1, 3))]
        for wanted, result in zip(items, results(await device.batch(items)), strict=True):
            assert result["status"] == 201, result
            self.sent.append((sender, wanted, result["message"]))

    async def send_again(self) -> None:
        if self.sent:
            sender, wanted, message = self.random.choice(self.sent)
            device = await self.asked(self.device_of(sender))
            assert results(await device.batch([wanted])) == [{"status": 200, "message": message}]

    def device_of(self, sender: Device) -> Device:
        alive = [one.device for one in self.signed_in if one.device.id == sender.id and not one.ended]
        return self.random.choice(alive)

    async def refresh(self) -> None:
        """Kept, or lost on the way and asked for again: both are a use of the token that is held."""
        one = self._alive()
        device = replace(one.device, service=self.any_service())
        for _ in range(self.random.choice([1, 1, 2])):
            answer = await device.refresh()
            assert answer.status_code == 200, answer.text
        if one.before is not None:
            one.spent.append(one.before)
        one.before = one.device.tokens["refresh_token"]
        one.device.tokens = answer.json()["data"]["tokens"]

    def _alive(self) -> SignedIn:
        return self.random.choice([one for one in self.signed_in if not one.ended])

    async def sign_in(self) -> None:
        self.signed_in.append(SignedIn(await self.any_service().another_session(self._alive().device)))

    async def end(self) -> None:
        """By its user, or because a spent token was shown: for ever."""
        one = self._alive()
        if sum(other.device.id == one.device.id and not other.ended for other in self.signed_in) < 2:
            return
        service = self.any_service()
        if one.spent and self.random.random() < 0.5:
            shown = await one.device.refresh(self.random.choice(one.spent))
            assert code(shown) == "refresh_token_reused"
        else:
            body = {"refresh_token": one.device.tokens["refresh_token"]}
            assert (await service.call("POST", "/v1/auth/logout", body)).status_code == 200
        one.ended = True
        self.ends += 1

    async def look(self) -> None:
        """Everything that is stored, and everybody who was signed in, by any of the clocks."""
        report = await self.services[0].inside.db.read_primary(check)
        assert report.breaches == []
        assert report.messages == len(self.sent)
        for one in self.signed_in:
            device = replace(one.device, service=self.any_service())
            told = code(await device.call("GET", "/v1/users/me"))
            if one.ended:
                assert told in {"access_token_invalid", "access_token_expired"}
                assert code(await device.refresh()) == "refresh_token_invalid"
            else:
                assert told in {"ok", "access_token_expired"}
