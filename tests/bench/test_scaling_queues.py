"""The parts of the simulation agree with what is known of them on paper."""

from collections.abc import Callable
from random import Random

import pytest

from bench.scaling.database_node import Log, Rows
from bench.scaling.events import Clock, Gate, Process, Station, all_of

_ARRIVALS = 20_000
_LOAD = 0.7


def waits(draw: Callable[[Random], float], seed: int = 1) -> float:
    """The mean time in a queue with one server, in units of the mean time of work, at a load of 0.7."""
    clock, random = Clock(), Random(seed)
    station, waited = Station(clock), 0.0

    def customer() -> Process:
        nonlocal waited
        begun, work = clock.now, draw(random)
        yield from station.serve(work)
        waited += clock.now - begun - work

    def arrivals() -> Process:
        for _ in range(_ARRIVALS):
            yield random.expovariate(_LOAD)
            clock.begin(customer())

    clock.begin(arrivals())
    clock.run(float("inf"))
    return waited / _ARRIVALS


@pytest.mark.parametrize(
    ("draw", "paper"),
    [
        pytest.param(lambda _: 1.0, _LOAD / (2 * (1 - _LOAD)), id="M/D/1"),
        pytest.param(lambda random: random.expovariate(1.0), _LOAD / (1 - _LOAD), id="M/M/1"),
    ],
)
def test_a_queue_waits_as_pollaczek_and_khinchine_say(draw: Callable[[Random], float], paper: float) -> None:
    assert waits(draw) == pytest.approx(paper, rel=0.1)


def test_a_station_is_as_wide_as_it_has_servers() -> None:
    clock, done = Clock(), []
    station = Station(clock, servers=2)

    def customer(name: int) -> Process:
        yield from station.serve(1.0)
        done.append((name, clock.now))

    for name in range(5):
        clock.begin(customer(name))
    clock.run(10)
    assert done == [(0, 1), (1, 1), (2, 2), (3, 2), (4, 3)]
    assert station.worked == 5


def test_one_sync_serves_all_who_waited_for_it_and_none_who_came_later() -> None:
    clock, done = Clock(), []
    log = Log(clock, sync=0.5, delay=0.5)

    def commit(after: float) -> Process:
        yield after
        yield from log.flush()
        done.append((after, clock.now))

    for after in (0.0, 0.2, 0.9, 1.5):
        clock.begin(commit(after))
    clock.run(10)
    assert done == [(0.0, 1.0), (0.2, 2.0), (0.9, 2.0), (1.5, 3.0)]
    assert log.syncs == 3


def test_commits_wait_for_a_standby_at_the_same_time() -> None:
    clock, done = Clock(), []
    log = Log(clock, sync=0.5, standby=2.0)

    def commit(after: float) -> Process:
        yield after
        yield from log.flush()
        done.append(clock.now)

    for after in (0.0, 0.1):
        clock.begin(commit(after))
    clock.run(10)
    assert done == [2.5, 3.0]


def test_a_row_is_held_by_one_and_goes_to_who_came_first() -> None:
    clock, held = Clock(), []
    rows = Rows(clock)

    def transaction(name: str, keys: set[int]) -> Process:
        yield from rows.take(keys)
        held.append((name, clock.now))
        yield 1.0
        rows.release(keys)

    for name, keys in (("a", {1, 2}), ("b", {2, 3}), ("c", {4}), ("d", {2})):
        clock.begin(transaction(name, keys))
    clock.run(10)
    assert held == [("a", 0), ("c", 0), ("b", 1), ("d", 2)]


def test_several_at_once_end_with_the_last() -> None:
    clock, ended = Clock(), []

    def wait(seconds: float) -> Process:
        yield seconds

    def whole() -> Process:
        yield from all_of(clock, (wait(seconds) for seconds in (1.0, 3.0, 2.0)))
        ended.append(clock.now)

    clock.begin(whole())
    clock.run(10)
    assert ended == [3]


def test_who_comes_to_an_open_gate_does_not_wait() -> None:
    clock, gate, passed = Clock(), Gate(), []

    def come(after: float) -> Process:
        yield after
        yield gate
        passed.append(clock.now)

    for after in (1.0, 5.0):
        clock.begin(come(after))
    clock.run(2)
    clock.open(gate)
    clock.run(10)
    assert passed == [2, 5]
