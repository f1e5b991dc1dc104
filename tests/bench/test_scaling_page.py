"""The page says what was measured and simulated, and the simulation still says what is recorded."""

import re
from dataclasses import replace
from pathlib import Path

import pytest

from bench.scaling.capacity import hottest
from bench.scaling.costs import Measured, load_measured
from bench.scaling.foretelling import foretold
from bench.scaling.page import SECTIONS, filled
from bench.scaling.prices import measured_prices
from bench.scaling.served import POLLS
from bench.scaling.simulated import Simulated, load_simulated
from bench.scaling.simulating import zone_prices

DOCS = Path(__file__).parents[2] / "docs"
PAGE = (DOCS / "scaling.md").read_text()


@pytest.fixture(scope="module")
def measured() -> Measured:
    return load_measured(DOCS / "scaling" / "measured.json")


@pytest.fixture(scope="module")
def simulated() -> Simulated:
    return load_simulated(DOCS / "scaling" / "simulated.json")


def test_the_page_that_is_recorded_says_what_its_results_say(measured: Measured, simulated: Simulated) -> None:
    """A number typed by hand, or a page that was not made again: `make scaling ARGS=page` mends it."""
    assert filled(PAGE, measured, simulated) == PAGE


def test_what_is_recorded_is_what_the_simulation_says(measured: Measured, simulated: Simulated) -> None:
    """The quickest of it; where this fails, `make scaling` makes everything anew."""
    one = simulated.hottest[0]
    assert hottest(one.design, zone_prices(measured), 1) == one
    run, said = next(zip((run for run in measured.runs if run.messages_per_commit), simulated.foretold, strict=False))
    assert foretold(run, measured_prices(measured), measured.facts["cores"]) == said


def test_words_around_the_figures_hold_none() -> None:
    words = re.sub(r"<!-- figures: .*?<!-- until here -->", "", PAGE, flags=re.DOTALL)
    assert len(words) > len(PAGE) / 2
    assert re.findall(r"\d[\d,.]* ?(?:ms|s|MB|bytes|%|messages|sends|cores|times)\b", words) == []


def test_all_that_ran_and_all_that_was_simulated_has_a_row(measured: Measured, simulated: Simulated) -> None:
    for run in measured.runs:
        assert f"| {run.name}, " in PAGE or run.name == POLLS
    for one in (*simulated.carried, *simulated.hottest):
        assert f"| {one.design} | " in PAGE
    assert len(simulated.carried) > 15
    assert len(simulated.foretold) > 10


def test_other_results_make_another_page(measured: Measured, simulated: Simulated) -> None:
    other = replace(simulated, carried=[replace(one, rate=one.rate + 10_000) for one in simulated.carried])
    assert filled(PAGE, measured, other) != PAGE
    none = replace(simulated, hottest=[replace(one, rate=0) for one in simulated.hottest])
    assert "| none in time |" in filled(PAGE, measured, none)


@pytest.mark.parametrize("name", SECTIONS)
def test_a_page_without_a_place_for_a_figure_is_refused(name: str, measured: Measured, simulated: Simulated) -> None:
    with pytest.raises(ValueError, match="places"):
        filled(PAGE.replace(f"<!-- figures: {name} -->", ""), measured, simulated)


def test_places_in_another_order_are_refused(measured: Measured, simulated: Simulated) -> None:
    swapped = PAGE.replace("figures: costs", "figures: x").replace("figures: polls", "figures: costs")
    with pytest.raises(ValueError, match="places"):
        filled(swapped.replace("figures: x", "figures: polls"), measured, simulated)
