"""The page says what the results say, and of all else that it was not measured."""

import re
from dataclasses import replace
from pathlib import Path

from bench.page import page_of, targets_section
from bench.results import Results, load
from bench.targets import targets
from tests.bench.recorded import LARGE, SMALL, measured, small_results

DOCS = Path(__file__).parents[2] / "docs"


def row(results: Results, beginning: str) -> list[str]:
    """The cells of the one row of the targets that begins so."""
    (found,) = [line for line in targets_section(results).splitlines() if line.startswith(f"| {beginning}")]
    return [cell.strip() for cell in found.strip("|").split("|")]


def test_the_page_that_is_recorded_says_what_its_results_say() -> None:
    """A number typed by hand, or a page that was not made again: `python -m bench page` mends it."""
    assert (DOCS / "performance.md").read_text() == page_of(load(DOCS / "performance" / "results.json"))


def test_every_target_has_a_row() -> None:
    page = page_of(small_results())
    assert len(targets(small_results())) > 20
    for target in targets(small_results()):
        assert f"| {target.what} |" in page


def test_a_row_is_computed_and_judged() -> None:
    results = small_results()
    assert row(results, "durable sends, 32 connections, SQLite")[1:] == [
        "0.75× (0.70–0.80)",
        "0.60×",
        "0.75×",
        "aim met",
    ]
    assert row(results, "one send alone on an idle server, SQLite")[1:] == ["2.40×", "2.00×", "3.00×", "met"]
    assert row(results, "resident memory after all of this, SQLite")[1:] == ["100 MB", "≤ 110 MB", "≤ 90.0 MB", "met"]
    assert row(results, "sends at 32 connections, SQLite: p99")[1:] == ["5.00×", "≤ 4.00×", "≤ 2.50×", "**not met**"]


def test_growth_is_of_the_call_that_grew_most() -> None:
    results = small_results()
    assert row(results, "reads, SQLite, 5M messages to 10k: p50")[1:] == ["1.25×", "≤ 1.20×", "≤ 1.05×", "**not met**"]
    assert row(results, "reads, SQLite, 5M messages to 10k: CPU")[1:] == ["1.00×", "≤ 1.20×", "≤ 1.05×", "aim met"]


def test_plans_are_compared_by_how_messages_are_read() -> None:
    results = small_results()
    assert row(results, "reads and sends, SQLite, the same plans")[1] == "yes"
    results.plans["sqlite"][str(LARGE)] = {"history": ["messages: whole", "users: by_name"]}
    assert row(results, "reads and sends, SQLite, the same plans")[1:] == ["no", "yes", "–", "**not met**"]
    assert "at 10k `by_seq`; at 5M end to end" in page_of(results)


def test_what_was_not_measured_says_so() -> None:
    for target in targets(Results()):
        cells = row(Results(), target.what)
        assert (cells[1], cells[-1]) == ("not measured", "not measured")
    assert not re.search(r"\d", row(small_results(), "durable sends, 32 connections, Postgres")[1])
    assert "nan" not in page_of(Results()).lower()


def test_two_workers_are_held_to_a_bound_where_there_are_cores_for_them() -> None:
    rates = {"workers-1/postgresql": [1_000.0], "workers-2/postgresql": [1_500.0]}
    found = [one for subject, seen in rates.items() for one in measured("workers", subject, 32, seen)]
    for cores, verdict in ((2, "reported"), (4, "**not met**")):
        results = Results(facts={**small_results().facts, "cores": cores}, measurements=found)
        assert row(results, "two worker processes")[-1] == verdict


def test_a_failure_stands_on_the_page() -> None:
    results = replace(small_results(), failures=["batch, floor: refused"], checks={"x": "BROKEN: order"})
    assert "## Failed\n\n- batch, floor: refused\n- x: BROKEN: order" in page_of(results)
    assert "## Failed" not in page_of(small_results())
    assert "passed on" not in page_of(replace(small_results(), checks={}))


def test_growth_compares_the_sizes_that_were_measured() -> None:
    page = page_of(small_results())
    assert "| SQLite | 10k: p50 / CPU ms | 5M: p50 / CPU ms |" in page
    assert SMALL < LARGE
    assert "Postgres: not measured." in page
