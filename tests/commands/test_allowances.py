"""Allowances: as many as the rate says, refilled evenly, also for many who take at once."""

import asyncio
from datetime import UTC, datetime, timedelta

from hypothesis import example, given
from hypothesis import strategies as st

from chatsvc.commands.take_allowance import Allowance, Rate, TakeAllowance, grant, take_allowance
from tests.support.service import Service

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
RATES = st.builds(Rate, st.integers(1, 999_999_999), st.integers(1, 9_999_999))


@given(RATES)
@example(Rate(7, 60))
@example(Rate(6, 7))
@example(Rate(999_999_999, 1))
def test_a_fresh_key_is_granted_what_the_rate_says(rate: Rate) -> None:
    assert grant(None, NOW, rate, rate.times)[0] == Allowance(rate.times)
    assert grant(None, NOW, rate, rate.times + 1)[0].granted == rate.times


@given(st.integers(1, 300), st.integers(1, 9_999), st.lists(st.integers(1, 40), min_size=1, max_size=30))
@example(7, 60, [1] * 8)
def test_taken_bit_by_bit_it_is_the_same_allowance(times: int, seconds: int, bits: list[int]) -> None:
    rate, full_at, granted = Rate(times, seconds), None, 0
    for wanted in bits:
        allowance, full_at = grant(full_at, NOW, rate, wanted)
        granted += allowance.granted
        assert (allowance.retry_after is None) == (allowance.granted == wanted)
    assert granted == min(times, sum(bits))


@given(st.integers(1, 300), st.integers(1, 9_999), st.integers(1, 40))
def test_after_the_wait_there_is_one_more(times: int, seconds: int, more: int) -> None:
    rate = Rate(times, seconds)
    refused, full_at = grant(None, NOW, rate, times + more)
    assert refused.retry_after is not None
    later = NOW + timedelta(seconds=refused.retry_after)
    assert grant(full_at, later, rate, 1)[0] == Allowance(1)
    assert grant(full_at, NOW + timedelta(seconds=seconds), rate, times)[0] == Allowance(times)


@given(st.integers(1, 300), st.integers(1, 9_999), st.integers(0, 300), st.integers(0, 300))
def test_what_is_given_back_can_be_taken_again(times: int, seconds: int, taken: int, back: int) -> None:
    rate, taken = Rate(times, seconds), min(taken, times)
    back = min(back, taken)
    _, full_at = grant(None, NOW, rate, taken)
    _, full_at = grant(full_at, NOW, rate, -back)
    assert grant(full_at, NOW, rate, times + 1)[0].granted == times - taken + back


async def test_takers_at_once_share_one_allowance(service: Service) -> None:
    run, rate = service.inside.db.execute, Rate(10, 60)
    done = await asyncio.gather(*(run(take_allowance, TakeAllowance("send:ana", rate)) for _ in range(20)))
    assert sorted(one.granted for one in done) == [0] * 10 + [1] * 10
    assert {one.retry_after for one in done if one.granted == 0} == {6}
    assert (await run(take_allowance, TakeAllowance("send:ben", rate, 12))).granted == 10
    service.clock.advance(seconds=12)
    assert (await run(take_allowance, TakeAllowance("send:ana", rate, 9))).granted == 2
    await run(take_allowance, TakeAllowance("send:ana", rate, -2))
    assert (await run(take_allowance, TakeAllowance("send:ana", rate, 9))).granted == 2
