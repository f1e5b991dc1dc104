"""The law of sync: who follows holds what starting over would give, whatever is written, lost or repeated meanwhile."""

import asyncio
from pathlib import Path
from uuid import UUID

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import initialize, invariant, rule, run_state_machine_as_test

from chatsvc.queries import budget
from tests.property.follower import Copy, Follower
from tests.property.writing import SOME, USERS, Writing
from tests.support.databases import DatabaseKind
from tests.support.service import running_service, service_settings

LIMITS, SIZES = st.integers(1, 9), st.integers(1, 4)


class Following(Writing):
    """Two devices of each user, each with a copy that follows in its own way."""

    def __init__(self) -> None:
        super().__init__()
        self.followers: list[Follower] = []

    @initialize()
    def people(self) -> None:
        super().people()
        self.followers = [Follower(device) for device in self.users * 2]

    def follower(self, which: int) -> Follower:
        return self.followers[which % len(self.followers)]

    @rule(which=SOME, limit=LIMITS, size=SIZES, crashes=st.booleans(), lost=st.booleans())
    def follow(self, which: int, limit: int, size: int, *, crashes: bool, lost: bool) -> None:
        follower = self.follower(which)
        answer = self.run(follower.ask(limit=limit, messages_per_conversation=size))
        if lost:
            answer = self.run(follower.ask(limit=limit, messages_per_conversation=size))
        follower.apply(answer, crashes=crashes)

    @rule(which=SOME, sender=SOME, picks=st.lists(SOME, min_size=1, max_size=5), limit=LIMITS, size=SIZES)
    def follow_while_others_write(self, which: int, sender: int, picks: list[int], limit: int, size: int) -> None:
        follower, user = self.follower(which), self.users[sender % USERS]
        items = self.new_items(user, picks)

        async def both() -> None:
            writing = [self.send(user, items)] if items else []
            answer, *_ = await asyncio.gather(follower.ask(limit=limit, messages_per_conversation=size), *writing)
            follower.apply(answer)

        self.run(both())

    @rule(which=SOME, part=st.sets(SOME, max_size=3), limit=LIMITS, size=SIZES)
    def follow_a_part(self, which: int, part: set[int], limit: int, size: int) -> None:
        follower = self.follower(which)
        names = {sorted(follower.held)[n % len(follower.held)] for n in part} if follower.held else set()
        follower.apply(self.run(follower.ask(names, limit=limit, messages_per_conversation=size)))

    @rule(which=SOME, limit=st.integers(1, 3), size=SIZES)
    def start_over(self, which: int, limit: int, size: int) -> None:
        self.run(self.follower(which).start_over(limit, size))

    @rule(which=SOME, pick=SOME, limit=LIMITS)
    def fill_a_hole(self, which: int, pick: int, limit: int) -> None:
        follower = self.follower(which)
        if holes := [key for key, copy in follower.held.items() if copy.missing and copy.conversation]:
            self.run(follower.fill(holes[pick % len(holes)], limit))

    @rule(which=SOME, pick=SOME)
    def hold_what_never_was(self, which: int, pick: int) -> None:
        """A conversation that is not here, and a cursor of another history, far beyond the head."""
        held = self.follower(which).held
        held[str(UUID(int=pick + 1))] = Copy(pick, missing=set(range(1, pick + 1)))
        if mine := [key for key in held if key in self.truth]:
            held[mine[pick % len(mine)]] = Copy(9_999, missing=set(range(1, 10_000)))

    @invariant()
    def every_copy_is_the_truth_up_to_its_cursor(self) -> None:
        for follower in self.followers:
            for key, copy in follower.held.items():
                told = {seq for seq in copy.messages if seq <= copy.cursor}
                assert told | copy.missing == set(range(1, copy.cursor + 1))
                assert not told & copy.missing
                for seq, message in copy.messages.items():
                    assert self.truth[key][seq] == message

    def teardown(self) -> None:
        for at, follower in enumerate(self.followers):
            fresh = Follower(follower.device)
            self.run(follower.catch_up(limit=3 + at))
            self.run(fresh.start_over(limit=2, messages_per_conversation=3))
            self.run(fresh.catch_up(limit=500))
            assert follower.held == fresh.held
            assert follower.held.keys() == {key for key, pair in self.members.items() if follower.device in pair}
            assert fresh.users.keys() >= follower.users.keys()
            for key, copy in fresh.held.items():
                assert copy.messages == self.truth[key]
                assert len(copy.messages) == copy.cursor


def test_following_equals_starting_over(kind: DatabaseKind, data_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(budget, "LIMITED_BEYOND", 8)  # so that runs of this size cross it

    with kind.fresh() as url, asyncio.Runner() as runner:
        opened = running_service(service_settings(url, data_dir))

        class Here(Following):
            pass

        Here.runner, Here.service = runner, runner.run(opened.__aenter__())
        try:
            run_state_machine_as_test(
                Here,
                settings=settings(
                    max_examples=15,
                    stateful_step_count=25,
                    deadline=None,
                    suppress_health_check=list(HealthCheck),
                    print_blob=True,
                    phases=(Phase.reuse, Phase.generate, Phase.shrink),
                ),
            )
        finally:
            runner.run(opened.__aexit__(None, None, None))
