"""What waits together runs together, in order; what is alone waits for nobody."""

import asyncio
from collections.abc import Sequence

import pytest

from chatsvc.db import grouping
from chatsvc.db.grouping import Coalescer
from chatsvc.errors import TryAgain
from tests.db.running_groups import Running, Work, answers, submit, turns


async def test_who_is_alone_waits_for_nobody_however_often(running: Running) -> None:
    running.gate.set()
    group = Coalescer(running)
    for name in "abc":
        (caller,) = submit(group, name)
        await turns()
        assert caller.done()
    assert running.groups == ["a", "b", "c"]


async def test_what_arrives_meanwhile_is_the_next_group_in_order(running: Running) -> None:
    group = Coalescer(running)
    first = submit(group, "a")
    await turns()
    meanwhile = submit(group, "bcd")
    await turns()
    assert running.groups == ["a"]
    running.gate.set()
    assert await answers(first + meanwhile) == ["A", "B", "C", "D"]
    assert running.groups == ["a", "bcd"]


async def test_a_group_is_bounded_by_weight_and_its_units_stay_whole(running: Running) -> None:
    running.gate.set()
    group = Coalescer(running, heaviest=10)
    callers = submit(group, "a", 4) + submit(group, "b", 6) + submit(group, "c", 1) + submit(group, "d", 99)
    callers += submit(group, "ef", 5)
    assert await answers(callers) == ["A", "B", "C", "D", "E", "F"]
    assert running.groups == ["ab", "c", "d", "ef"]


async def test_beyond_the_bound_who_comes_is_told_at_once_and_who_waits_is_served(
    running: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(grouping, "_MOST_WAITING", 3)
    group = Coalescer(running, counts=(counts := grouping.GroupCounts()))
    first = submit(group, "a")
    await turns()
    waiting = submit(group, "bcd")
    await turns()
    with pytest.raises(TryAgain):
        await asyncio.wait_for(group.submit(Work("e")), 1)
    assert (group.waiting, counts.refused) == (3, 1)
    running.gate.set()
    assert await answers(first + waiting) == ["A", "B", "C", "D"]
    assert group.waiting == 0
    assert await group.submit(Work("f")) == "F"


async def test_an_exception_among_the_outcomes_is_its_callers_alone(running: Running) -> None:
    running.gate.set()
    assert await answers(submit(Coalescer(running), "a?b")) == ["A", "KeyError", "B"]


async def test_a_run_that_raises_is_told_to_its_whole_group_and_the_next_one_runs(running: Running) -> None:
    group = Coalescer(running)
    failing = submit(group, "a!")
    await turns()
    meanwhile = submit(group, "bc")
    await turns()
    running.gate.set()
    assert await answers(failing + meanwhile) == ["ZeroDivisionError", "ZeroDivisionError", "B", "C"]


async def test_a_cancelled_caller_takes_along_what_waits_and_harms_nobody(running: Running) -> None:
    group = Coalescer(running)
    running_callers = submit(group, "ab")
    await turns()
    waiting = submit(group, "cde")
    await turns()
    running_callers[0].cancel()
    waiting[1].cancel()
    await turns()
    running.gate.set()
    told = await answers(running_callers + waiting)
    assert told == ["CancelledError", "B", "C", "CancelledError", "E"]
    assert running.groups == ["ab", "ce"]


async def test_when_all_who_wait_are_cancelled_the_next_is_served(running: Running) -> None:
    group = Coalescer(running)
    first = submit(group, "a")
    await turns()
    waiting = submit(group, "bc")
    await turns()
    for caller in waiting:
        caller.cancel()
    running.gate.set()
    assert await answers(first + waiting) == ["A", "CancelledError", "CancelledError"]
    assert await answers(submit(group, "d")) == ["D"]
    assert running.groups == ["a", "d"]


async def test_a_run_that_forgets_somebody_is_a_defect_and_leaves_nobody_waiting() -> None:
    async def forgetful(units: Sequence[Work]) -> list[str]:
        return [unit.name for unit in units[1:]]

    group: Coalescer[Work, str] = Coalescer(forgetful)
    assert await answers(submit(group, "ab")) == ["ValueError", "ValueError"]
    await asyncio.wait_for(group.finish(), 1)
