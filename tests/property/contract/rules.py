"""Every command and query of the contract as a rule, alone and several at once, while time passes."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import initialize, invariant, rule

from chatsvc.commands.new_epoch import new_epoch
from tests.model.calls import Operation
from tests.model.operations import LogIn, Refresh, Rename
from tests.model.talk_operations import Batch, Bootstrap, Changes, OpenDirect
from tests.property.contract import asking, asking_talks
from tests.property.contract.asking import ON_A_SESSION, OTHERS, Build
from tests.property.contract.asking_talks import ON_MESSAGES, several
from tests.property.contract.final_look import look_at_everything
from tests.property.contract.machine import LIMITED_BEYOND, Machine
from tests.property.contract.picking import NAMES, PASSWORDS, PICKS, Picks, usable

EVERY = (*ON_A_SESSION, *ON_MESSAGES, *OTHERS)
GROUP = st.lists(PICKS, min_size=4, max_size=4)
SECOND, DAY = 1_000, 86_400_000
LEAPS = (0, 1, 999, 5 * SECOND, 61 * SECOND, 600 * SECOND, 901 * SECOND, -2 * SECOND, -90 * SECOND, 40 * DAY, 61 * DAY)


def alone(build: Build) -> Callable[[Any, int], None]:
    def ask(self: "Contract", picks: int) -> None:
        self.do(build(self.state, Picks(picks), self.cast))

    ask.__name__ = build.__name__
    made: Callable[[Any, int], None] = rule(picks=PICKS)(ask)
    return made


class Contract(Machine):
    @initialize()
    def people(self) -> None:
        for name, password in zip(NAMES[:3], PASSWORDS, strict=True):
            self.sign_up(name, password)
        self.do(Changes(next(iter(self.state.access)), ()))
        ana, ben, cleo = self.state.users.values()
        token, *_ = usable(self.state, ana.id)
        for user in (ana, ben):
            self.do(LogIn(user.username, user.password, "tablet"))
        first = next(iter(self.state.tokens))
        self.do(Refresh(first))
        self.do(Refresh(first))
        for other, messages in ((ben, LIMITED_BEYOND + 1), (cleo, 3)):
            (answer,) = self.do(OpenDirect(token, other.id))
            self.do(Batch(token, several(self.cast, answer.data(201)["id"], messages)))

    register, log_in, refresh = alone(asking.register), alone(asking.log_in), alone(asking.refresh)
    log_out, list_sessions = alone(asking.log_out), alone(asking.list_sessions)
    end_session, change_password = alone(asking.end_session), alone(asking.change_password)
    me, rename, one_user = alone(asking.me), alone(asking.rename), alone(asking.one_user)
    search, list_talks, open_direct = (
        alone(asking.search),
        alone(asking_talks.list_talks),
        alone(asking_talks.open_direct),
    )
    history, send, send_batch = alone(asking_talks.history), alone(asking_talks.send), alone(asking_talks.send_batch)
    send_many, send_nonsense = alone(asking_talks.send_many), alone(asking_talks.send_nonsense)
    bootstrap, changes = alone(asking_talks.bootstrap), alone(asking_talks.changes)

    def at_once(self, builds: Sequence[Build], group: list[int], size: int) -> None:
        chosen = [Picks(number) for number in group[:size]]
        ops = [picks.one_of(builds)(self.state, picks, self.cast) for picks in chosen]
        self.do(*ops)

    @rule(picks=PICKS, length=st.integers(2, 8))
    def one_after_another(self, picks: int, length: int) -> None:
        """Evenly of everything, which single rules would take long to come to."""
        chosen = Picks(picks)
        for _ in range(length):
            self.do(chosen.one_of(EVERY)(self.state, chosen, self.cast))

    @rule(group=GROUP, size=st.integers(2, 4))
    def anything_at_once(self, group: list[int], size: int) -> None:
        self.at_once(EVERY, group, size)

    @rule(group=GROUP, size=st.integers(2, 4), who=st.integers(0, 4))
    def one_user_at_once(self, group: list[int], size: int, who: int) -> None:
        """All about the sessions of one user."""
        self.cast.focus = list(self.state.users)[who % len(self.state.users)]
        self.at_once(ON_A_SESSION, group, size)
        self.cast.focus = None

    @rule(group=GROUP, size=st.integers(2, 4))
    def messages_at_once(self, group: list[int], size: int) -> None:
        self.at_once(ON_MESSAGES, group, size)

    @rule(picks=PICKS, copies=st.integers(2, 4))
    def the_same_at_once(self, picks: int, copies: int) -> None:
        """As a client does that lost its patience."""
        chosen = Picks(picks)
        self.do(*[chosen.one_of(EVERY)(self.state, chosen, self.cast)] * copies)

    @rule(pair=st.integers(0, 999))
    def both_open(self, pair: int) -> None:
        """Both sides press at the same moment."""
        tokens = {self.state.access[token].user_id: token for token in usable(self.state)}
        people = sorted(tokens)
        if len(people) < 2:
            return
        one, other = people[pair % len(people)], people[(pair + 1) % len(people)]
        ops: list[Operation] = [OpenDirect(tokens[a], b) for a, b in ((one, other), (other, one))]
        self.do(*ops)

    @rule(which=st.integers(0, 999))
    def two_names_at_once(self, which: int) -> None:
        """Which of them is left, only a later answer tells."""
        if tokens := usable(self.state):
            token = tokens[which % len(tokens)]
            self.do(*(Rename(token, f"{self.cast.prefix} {name}") for name in ("one", "other")))

    @rule(by=st.sampled_from(LEAPS))
    def time_passes(self, by: int) -> None:
        self.turn_the_clock(timedelta(milliseconds=by))

    @rule(which=st.integers(0, 999), often=st.integers(0, 9))
    def a_year_passes(self, which: int, often: int) -> None:
        """A session in constant use lives 365 days in all, and not one more."""
        sessions = [one for one in self.state.sessions.values() if self.state.live(one) and one.first]
        for _ in range(8 if sessions and often == 9 else 0):
            newest = [
                name
                for name, token in self.state.tokens.items()
                if token.session_id == sessions[which % len(sessions)].id
            ]
            self.do(Refresh(newest[-1]))
            self.turn_the_clock(timedelta(days=52, seconds=which))

    @rule(often=st.integers(0, 3))
    def history_changes(self, often: int) -> None:
        """An operator's word that this database was restored; then somebody shows what is from before."""
        tokens = usable(self.state)
        if often or not tokens:
            return
        talkative = max(tokens, key=lambda token: len(self.state.mine(self.state.access[token].user_id)))
        self.do(Bootstrap(talkative, 1))
        old = [cursor for cursor, (epoch, _) in self.state.cursors.items() if epoch is not None]
        epoch = str(self.wait(self.service.inside.db.execute(new_epoch, None)))
        before, self.states = self.state.epoch, [replace(state, epoch=epoch) for state in self.states]
        self.do(Changes(tokens[0], (), before))
        for cursor in old[-1:]:
            self.do(Bootstrap(tokens[0], cursor=cursor))

    @invariant()
    def somebody_catches_up(self) -> None:
        """In turn one who is up to date, and so has nothing new, and one who is anywhere."""
        self.keep_somebody_signed_in()
        self.steps += 1
        self.seen["steps"] += 1
        tokens, picks = usable(self.state), Picks(self.steps)
        if tokens and self.steps % 2:
            token = picks.one_of(tokens)
            mine = self.state.mine(self.state.access[token].user_id)
            self.do(Changes(token, tuple((talk.id, talk.head) for talk in mine), self.state.epoch))
        elif tokens:
            self.do(asking_talks.changes(self.state, picks, self.cast))

    def teardown(self) -> None:
        if not self.at_odds:
            look_at_everything(self)
