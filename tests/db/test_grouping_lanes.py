"""How many groups run at a time, how they end, and who is waited for between two."""

import asyncio

import pytest

from chatsvc.db.grouping import Coalescer
from tests.db.running_groups import Running, Work, answers, submit, turns, who


async def test_a_second_lane_opens_when_a_full_group_waits_and_no_third(running: Running) -> None:
    group = Coalescer(running, lanes=2, heaviest=3)
    callers = submit(group, "a")
    await turns()
    callers += submit(group, "bc")
    await turns()
    assert running.groups == ["a"]
    callers += submit(group, "d")
    await turns()
    assert running.groups == ["a", "bcd"]
    callers += submit(group, "efghij")
    await turns()
    assert running.groups == ["a", "bcd"]
    running.gate.set()
    assert await answers(callers) == list("ABCDEFGHIJ")
    assert running.groups == ["a", "bcd", "efg", "hij"]


async def test_with_one_lane_a_full_group_waits(running: Running) -> None:
    group = Coalescer(running, heaviest=3)
    callers = submit(group, "a")
    await turns()
    callers += submit(group, "bcdefg")
    await turns()
    assert running.groups == ["a"]
    running.gate.set()
    assert await answers(callers) == list("ABCDEFG")


async def test_a_full_group_that_waits_goes_at_once(running: Running) -> None:
    """While the database works on it, those of the group before are answered."""
    group = Coalescer(running, heaviest=3)
    callers = submit(group, "a")
    await turns()
    callers += submit(group, "bcdefgh")
    await turns()
    running.gate.set()
    await turns()
    assert running.groups == ["a", "bcd", "efg"]
    assert await answers(callers) == list("ABCDEFGH")


async def test_finishing_waits_for_all_that_was_asked(running: Running) -> None:
    group = Coalescer(running, lanes=2, heaviest=2)
    callers = submit(group, "a")
    await turns()
    callers += submit(group, "bcdefg")
    await turns()
    finishing = asyncio.create_task(group.finish())
    await turns()
    assert not finishing.done()
    running.gate.set()
    await asyncio.wait_for(finishing, 5)
    assert all(caller.done() for caller in callers)
    await asyncio.wait_for(group.finish(), 1)  # and has nothing to wait for then


async def test_a_group_does_not_run_in_the_context_of_who_came_first(running: Running) -> None:
    """Whose request id would stand in the log lines of all."""
    running.gate.set()
    who.set("the first")
    await answers(submit(Coalescer(running), "ab"))
    assert running.contexts == {"nobody"}


async def test_who_comes_back_a_little_later_than_another_of_a_crowd_joins_it(running: Running) -> None:
    group = Coalescer(running)
    running.gate.set()

    async def come_and_come_back(name: str, later: int) -> None:
        for _ in range(3):
            await group.submit(Work(name))
            await turns(later)

    await asyncio.gather(come_and_come_back("a", 0), come_and_come_back("b", 5))
    assert ["".join(sorted(names)) for names in running.groups] == ["ab", "ab", "ab"]


@pytest.mark.parametrize("lanes", [1, 2])
async def test_of_many_that_come_and_go_each_is_answered_once(running: Running, lanes: int) -> None:
    group = Coalescer(running, lanes=lanes, heaviest=5)
    running.gate.set()

    async def come(name: str) -> list[str]:
        return [await group.submit(Work(name)) for _ in range(5)]

    told = await asyncio.wait_for(asyncio.gather(*(come(name) for name in "abcdefghijkl")), 10)
    assert told == [[name.upper()] * 5 for name in "abcdefghijkl"]
    assert sorted("".join(running.groups)) == sorted("abcdefghijkl" * 5)
    assert max(map(len, running.groups)) == 5
