"""The law of sync, held by whole phones: whatever is lost, repeated, delayed, killed, put back or left for weeks, a
phone ends with what starting over would give, and what was written on it is on the server exactly once."""

import asyncio
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import initialize, invariant, precondition, rule, run_state_machine_as_test

from chatsvc.queries import budget
from tests.property.phones.law import law, what_is_held_was_told
from tests.property.phones.mishaps import OFTEN, SELDOM, TO_THE_SERVER, Chance, Mishap, Mishaps
from tests.property.phones.server import Server
from tests.support.backups import PostgresBackups, SqliteBackups
from tests.support.databases import DatabaseKind
from tests.support.phone import Fate, Pace
from tests.support.proof import Proof

SOME = st.integers(0, 999)  # which one of those there are
FATES = st.lists(st.sampled_from([*([Fate.DELIVERED] * 16), *Fate]), max_size=9)
BATCH = st.none() | st.integers(1, 30)
PACES = st.builds(
    Pace,
    page=st.integers(1, 3),
    snapshot=st.integers(1, 4),
    limit=st.integers(1, 9),
    part=st.none() | st.integers(1, 3),
    history=st.integers(1, 6),
    forwards=st.booleans(),
)


class Phones(Mishaps):
    @initialize(writes=st.integers(8, 28), pick=SOME)
    def people_move_in(self, writes: int, pick: int) -> None:
        """What takes many steps to come about by itself: in every run a phone knows of a conversation that was opened
        without it, of one that never was, holds a cursor of nowhere, has a copy, has died while it
        stored, and has lost the answer to a refresh."""
        self.move_in()
        self.open(Chance(0, 0, []))
        self.write_and_drain(0, list(range(10)), 5, [])
        self.keep_a_copy(Chance(0, 0, []))
        self.write_and_drain(0, [10, 11], None, [])
        for which, size in ((2, 4), (3, 2)):
            self.sync(which, Pace(snapshot=size), [])
        self.back_up_the_server(Chance(0, 0, []))
        self.open(Chance(4, 1, []))
        self.die_while_storing(Chance(1, 2 * writes, []))
        self.lose_a_refresh(Chance(2, pick, []))
        self.write_to_nobody(Chance(2, 0, []))
        self.be_far_ahead(Chance(3, 0, []))

    @rule(which=SOME, picks=st.lists(SOME, min_size=1, max_size=12), batch=BATCH, fates=FATES)
    def write_and_drain(self, which: int, picks: list[int], batch: int | None, fates: list[Fate]) -> None:
        handset = self.handset(which)
        self.write_some(handset, picks)
        self.run(self.try_to(handset, fates, handset.phone.drain(batch)))

    @rule(which=SOME, pace=PACES, fates=FATES)
    def sync(self, which: int, pace: Pace, fates: list[Fate]) -> None:
        handset = self.handset(which)
        self.run(self.try_to(handset, fates, handset.phone.sync(pace)))

    @rule(at_once=st.lists(st.tuples(SOME, st.tuples(FATES, BATCH, PACES)), min_size=1, max_size=3))
    def drain_and_sync_at_once(self, at_once: list[tuple[int, tuple[list[Fate], int | None, Pace]]]) -> None:
        """Several phones, each doing both; whatever the order, it is right."""
        busy = {which % len(self.handsets): rest for which, rest in at_once}

        async def all_at_once() -> None:
            works = []
            for which, (fates, batch, pace) in busy.items():
                handset = self.handset(which)
                self.write_some(handset, list(range(which, which + 3)))
                works.append(self.try_to(handset, fates, handset.phone.drain(batch), handset.phone.sync(pace)))
            await asyncio.gather(*works)

        self.run(all_at_once())

    @rule(mishap=st.sampled_from(TO_THE_SERVER), chance=st.builds(Chance, SOME, SOME, FATES))
    def something_happens_to_the_server(self, mishap: Mishap, chance: Chance) -> None:
        mishap(self, chance)

    @rule(mishap=st.sampled_from(SELDOM), chance=st.builds(Chance, SOME, SOME, FATES))
    def something_seldom_happens(self, mishap: Mishap, chance: Chance) -> None:
        mishap(self, chance)

    @rule(mishap=st.sampled_from(OFTEN), chance=st.builds(Chance, SOME, SOME, FATES))
    def something_happens(self, mishap: Mishap, chance: Chance) -> None:
        mishap(self, chance)

    @precondition(lambda self: self.since_quiet > 12)
    @rule()
    def everything_settles(self) -> None:
        self.run(self.settle())
        self.run(law(self))

    @invariant()
    def what_is_held_was_told(self) -> None:
        self.seen["steps"] += 1
        self.since_quiet += 1
        for which in self.touched:
            what_is_held_was_told(self, self.handsets[which])
        self.touched.clear()

    def teardown(self) -> None:
        try:
            self.same_key_other_words(Chance(0, 0, []))
            self.run(self.settle())
            self.run(law(self))
        finally:
            self.move_out()


INTERESTING = (
    "ok", "joined", "limited", "reset", "gone", "replays", "kills", "old copies", "restores", "sent to a new history",
    "opened in a new history", "rate_limited", "payload_too_large", "sync_epoch_changed", "conflicts",
    "access_token_expired", "refresh_token_expired", "refresh_token_invalid", "invalid_request",
    "conversation_not_found", "signed in again", *(fate.value for fate in Fate),
)  # fmt: skip


@pytest.mark.proves("a phone ends with what starting over gives, and what was written on it is there exactly once")
@pytest.mark.timeout(900)
def test_phones(
    kind: DatabaseKind, proof: Proof, data_dir: Path, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(budget, "LIMITED_BEYOND", 8)  # so that runs of this size cross it
    seen: Counter[str] = Counter()
    data_dir.mkdir()

    with kind.fresh() as url, asyncio.Runner() as runner:
        on_sqlite = kind.name == "sqlite"
        backups = SqliteBackups(url) if on_sqlite else PostgresBackups(url, request.getfixturevalue("postgres_url"))

        class Here(Phones):
            pass

        Here.runner, Here.seen, Here.directory, Here.users = runner, seen, data_dir, proof.depth(3, 4)
        Here.server = Server(url, data_dir / "server", backups)
        runner.run(Here.server.start())
        try:
            run_state_machine_as_test(Here, settings=proof.settings(examples=(3, 56), steps=(12, 80)))
        finally:
            runner.run(Here.server.stop())

    if proof.deep:
        assert seen["steps"] >= 3_000
        assert [name for name in INTERESTING if not seen[name]] == []
    counted = ("steps", "messages", "quiet points", "kills", "answer lost", "old copies", "restores", "requests")
    proof.note(", ".join(f"{seen[name]:,} {name}" for name in counted))
