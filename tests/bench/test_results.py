"""Medians, and ratios that are taken within a round."""

from pathlib import Path

from bench.results import Spread, load, ratio, spread
from bench.targets import rate, to_floor
from tests.bench.recorded import measured, small_results


def test_a_spread_is_the_median_and_both_ends() -> None:
    assert spread([3, 1, 2]) == Spread(2, 1, 3)
    assert spread([]) is None


def test_a_ratio_is_taken_within_each_round() -> None:
    """0.75, 0.80 and 0.70; the ratio of the medians would be 0.70."""
    assert to_floor(small_results(), "sends", "service/sqlite") == Spread(0.75, 0.7, 0.8)


def test_a_round_that_one_of_them_missed_is_left_out() -> None:
    over = {one.round: one for one in measured("sends", "service/sqlite", 32, [10, 20])}
    under = {one.round: one for one in measured("sends", "floor", 32, [40])}
    assert ratio(over, under, rate) == Spread(0.25, 0.25, 0.25)
    assert ratio(over, {}, rate) is None


def test_results_come_back_from_their_file_as_they_were(tmp_path: Path) -> None:
    small_results().save(tmp_path / "deep" / "results.json")
    assert load(tmp_path / "deep" / "results.json") == small_results()
