"""The arithmetic of allowances, with clocks that disagree."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatsvc.commands.take_allowance import Rate, grant

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)


@pytest.mark.parametrize("skew", [0.0, 0.3, 1.0, 5.0])
def test_two_replicas_whose_clocks_differ_grant_no_more_than_one_does(skew: float) -> None:
    rate, full_at, granted = Rate(10, 300), None, 0
    for step in range(600):  # 30 seconds, both asking in turn
        now = NOON + timedelta(seconds=step * 0.05 - (skew if step % 2 else 0))
        allowance, full_at = grant(full_at, now, rate, 1)
        granted += allowance.granted
    assert 10 <= granted <= 12


@given(st.integers(1, 1_000), st.integers(1, 10_000), st.lists(st.tuples(st.integers(-50, 50), st.floats(0, 100))))
def test_never_less_than_nothing_and_never_more_than_the_rate(
    times: int, seconds: int, steps: list[tuple[int, float]]
) -> None:
    rate, full_at, now, out = Rate(times, seconds), None, NOON, 0
    for wanted, later in steps:
        now += timedelta(seconds=later)
        asked = wanted if wanted >= 0 else -min(-wanted, out)  # only what was taken is given back
        allowance, full_at = grant(full_at, now, rate, asked)
        out += allowance.granted
        assert min(asked, 0) <= allowance.granted <= max(asked, 0)
        assert (allowance.retry_after is None) == (allowance.granted == asked)
    elapsed = (now - NOON).total_seconds()
    assert out <= times + elapsed * times / seconds + 1 + 0.01 * times


def test_what_is_told_to_wait_is_enough_and_not_a_second_too_long() -> None:
    rate = Rate(10, 300)
    _, full_at = grant(None, NOON, rate, 10)
    refused, full_at = grant(full_at, NOON, rate, 1)
    assert (refused.granted, refused.retry_after) == (0, 30)
    assert grant(full_at, NOON + timedelta(seconds=29), rate, 1)[0].granted == 0
    assert grant(full_at, NOON + timedelta(seconds=30), rate, 1)[0].granted == 1
