"""The checker itself: a history that breaks a promise is refused with its words, one that keeps them all is not."""

import random
from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.histories.checker import violations
from tests.histories.examples import BAD, GOOD, TALK, A, C, message, read, sent
from tests.histories.history import History, Message


@pytest.mark.parametrize("name", GOOD)
def test_what_the_contract_allows_is_accepted(name: str) -> None:
    attempts, reads, final = GOOD[name]
    assert violations(History(attempts, reads), final) == []


@pytest.mark.parametrize("name", BAD)
def test_what_the_contract_forbids_is_told(name: str) -> None:
    words, attempts, reads, final = BAD[name]
    found = violations(History(attempts, reads), final)
    assert any(one.startswith(words) or words in one for one in found), found


@pytest.mark.parametrize("name", ["older than what was answered", "older than what was read", "cut off"])
def test_a_replica_may_be_late_and_nothing_else(name: str) -> None:
    _, attempts, reads, final = BAD[name]
    assert violations(History(attempts, reads), final, reads_may_lag=True) == []
    history = History(attempts, [*reads, read(6, 7, A, C)])
    assert violations(history, final, reads_may_lag=True)


patient = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])  # the machine may be busy


def _served(randomness: random.Random, count: int) -> tuple[History, list[Message]]:
    """A history of a service that does each thing at one moment between its begin and its end."""
    attempts, stored, now = [], [], 0.0
    for number in range(count):
        now += randomness.random()
        stored.append(message(number + 1, f"k{number}"))
        began, ended = now - randomness.random() * 3, now + randomness.random() * 3
        told = stored[-1] if randomness.random() < 0.8 else None
        attempts.append(replace(sent(f"k{number}", began, ended, told), call=number))
    randomness.shuffle(attempts)
    return History(attempts), stored


@patient
@given(st.randoms(use_true_random=False), st.integers(2, 30))
def test_what_happens_at_one_moment_each_is_accepted(randomness: random.Random, count: int) -> None:
    history, stored = _served(randomness, count)
    assert violations(history, {TALK: stored}) == []


def _lose(stored: list[Message], at: int) -> list[Message]:
    return [*stored[:at], *({**one, "seq": one["seq"] - 1} for one in stored[at + 1 :])]


def _swap(stored: list[Message], at: int) -> list[Message]:
    return [*stored[:at], {**stored[at + 1], "seq": at + 1}, {**stored[at], "seq": at + 2}, *stored[at + 2 :]]


@pytest.mark.parametrize("damage", [_lose, _swap])
@patient
@given(st.randoms(use_true_random=False), st.integers(2, 30), st.data())
def test_a_damaged_end_is_refused_wherever_somebody_was_told(
    damage: Callable[[list[Message], int], list[Message]], randomness: random.Random, count: int, data: st.DataObject
) -> None:
    history, stored = _served(randomness, count)
    at = data.draw(st.integers(0, count - 2))
    told = {one.message["seq"] for one in history.sent if one.message is not None}
    if told & {at + 1, at + 2}:
        assert violations(history, {TALK: damage(stored, at)})
