"""What happens to phones and to the server beside writing and following, most of it bad."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from tests.property.phones.handset import Handset
from tests.property.phones.street import Backup, Street, Written
from tests.support.phone import Fate, Pace

LONG_AGO = 9_999


@dataclass(frozen=True)
class Chance:
    """Which phone, something to pick with, and what becomes of the phone's requests."""

    which: int
    pick: int
    fates: list[Fate]


class Mishaps(Street):
    """One method a mishap."""

    def write_some(self, handset: Handset, picks: list[int]) -> None:
        if talks := sorted(handset.phone.mirror.cursors()):
            for pick in picks:
                self.write(handset, talks[pick % len(talks)], f"text {pick}")

    def write(self, handset: Handset, talk: str, content: str) -> None:
        key = handset.phone.write(talk, content)
        if (pair := self.ever_pairs.get(talk)) and content.strip():
            self.owed[key] = Written(self.ids[handset.username], pair, content)
        else:
            self.doomed.add(key)
        self.seen["written"] += 1

    def open(self, chance: Chance) -> None:
        handset = self.handset(chance.which)
        others = [user_id for name, user_id in self.ids.items() if name != handset.username]
        self.run(self.try_to(handset, chance.fates, handset.phone.open_direct(others[chance.pick % len(others)])))

    def die_while_storing(self, chance: Chance) -> None:
        handset = self.handset(chance.which)
        handset.dies_after(chance.pick // 2 % 40)
        pace = Pace(page=2, snapshot=3, limit=8, history=4)
        self.run(self.try_to(handset, [], handset.phone.drain(5) if chance.pick % 2 else handset.phone.sync(pace)))
        handset.restart()

    def keep_a_copy(self, chance: Chance) -> None:
        self.handset(chance.which).keep_copy()

    def put_a_copy_back(self, chance: Chance) -> None:
        kept = [at for at, handset in enumerate(self.handsets) if handset.copy]
        if kept:
            self.handset(kept[chance.which % len(kept)]).put_back()
            self.count_owed_again()
            self.seen["old copies"] += 1

    def reinstall(self, chance: Chance) -> None:
        self.handset(chance.which).reinstall()
        self.count_owed_again()

    def sign_in_again(self, chance: Chance) -> None:
        handset = self.handset(chance.which)
        self.run(self.try_to(handset, chance.fates, handset.phone.log_in()))
        self.seen["signed in again"] += 1

    def start_over(self, chance: Chance) -> None:
        """Within the same history."""
        self.handset(chance.which).phone.syncing.start_over()

    def write_to_nobody(self, chance: Chance) -> None:
        """A conversation that is not here, held as if it were."""
        handset, nowhere = self.handset(chance.which), str(UUID(int=chance.pick + 1))
        self.write(handset, nowhere, "to nobody")
        with handset.phone.store.transaction():
            handset.phone.mirror.hold({"id": nowhere, "type": "direct", "members": []})

    def be_far_ahead(self, chance: Chance) -> None:
        """A cursor of a history that nobody knows of."""
        phone = self.handset(chance.which).phone
        with phone.store.transaction():
            for talk, cursor in list(phone.mirror.cursors().items())[chance.pick % 2 :: 2]:
                if cursor < LONG_AGO:
                    phone.store.run("UPDATE conversations SET cursor = ? WHERE id = ?", LONG_AGO, talk)
                    phone.mirror.open_hole(talk, cursor + 1, LONG_AGO)

    def write_nothing(self, chance: Chance) -> None:
        """White space alone is refused for good, and holds up nothing behind it."""
        handset = self.handset(chance.which)
        for talk in sorted(handset.phone.mirror.cursors())[chance.pick % 2 :: 2]:
            self.write(handset, talk, "  ")
            self.write(handset, talk, "after a blank")
        self.run(self.try_to(handset, chance.fates, handset.phone.drain()))

    def same_key_other_words(self, chance: Chance) -> None:
        if not self.told.now:
            return
        message = list(self.told.now.values())[chance.pick % len(self.told.now)]
        name = next(name for name, user_id in self.ids.items() if user_id == message["sender_id"])

        async def conflict() -> Any:
            device = await self.server.service.login(name)
            return await device.send(message["conversation_id"], message["client_message_id"], "something else")

        error = self.run(conflict()).json()["error"]
        stored = {"message_id": message["id"], "conversation_id": message["conversation_id"], "seq": message["seq"]}
        assert (error["code"], error["details"]) == ("idempotency_conflict", stored)
        self.seen["conflicts"] += 1

    def what_was_delayed_arrives(self, _chance: Chance) -> None:
        for handset in self.handsets:
            self.run(handset.line.deliver_late())

    def time_passes(self, chance: Chance) -> None:
        """Or goes back a little, as clocks that are set do."""
        self.server.clock.advance(seconds=(-2, 1, 60, 1_200)[chance.pick % 4])

    def lose_a_refresh(self, chance: Chance) -> None:
        """It was done, and the phone does not know: it refreshes again, and is signed in all the same."""
        handset = self.handset(chance.which)
        self.server.clock.advance(minutes=16)
        lost = (Fate.ANSWER_LOST, Fate.TWICE, Fate.KILLED, Fate.BUSY_BUT_DONE)[chance.pick % 4]
        self.run(self.try_to(handset, [Fate.DELIVERED, lost], handset.phone.sync()))
        self.run(self.try_to(handset, [], handset.phone.sync()))

    def days_pass(self, chance: Chance) -> None:
        self.server.clock.advance(days=(1, 10, 40, 70)[chance.pick % 4])

    def rename(self, chance: Chance) -> None:
        username = sorted(self.ids)[chance.which % len(self.ids)]

        async def renamed() -> None:
            device = await self.server.service.login(username)
            await device.ok("PATCH", "/v1/users/me", {"display_name": f"Name {chance.pick}"})

        self.run(renamed())

    def back_up_the_server(self, _chance: Chance) -> None:
        if len(self.backups) < 2:
            name = self.run(self.server.back_up())
            self.backups.append(Backup(name, dict(self.told.now), dict(self.pairs)))

    def put_the_server_back(self, chance: Chance) -> None:
        if not self.backups:
            return
        backup = self.backups[chance.which % len(self.backups)]
        self.run(self.server.put_back(backup.name))
        self.told.now, self.pairs = dict(backup.told), dict(backup.pairs)
        for handset in self.handsets:
            handset.doubt_session()
        self.count_owed_again()
        self.seen["restores"] += 1


Mishap = Callable[[Mishaps, Chance], None]

OFTEN: tuple[Mishap, ...] = (
    Mishaps.open,
    Mishaps.die_while_storing,
    Mishaps.keep_a_copy,
    Mishaps.put_a_copy_back,
    Mishaps.lose_a_refresh,
    Mishaps.time_passes,
)
TO_THE_SERVER: tuple[Mishap, ...] = (Mishaps.put_the_server_back, Mishaps.back_up_the_server, Mishaps.time_passes)
SELDOM: tuple[Mishap, ...] = (
    Mishaps.reinstall,
    Mishaps.sign_in_again,
    Mishaps.start_over,
    Mishaps.write_to_nobody,
    Mishaps.be_far_ahead,
    Mishaps.write_nothing,
    Mishaps.same_key_other_words,
    Mishaps.what_was_delayed_arrives,
    Mishaps.days_pass,
    Mishaps.rename,
)
