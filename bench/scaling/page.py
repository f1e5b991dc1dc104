"""The figures of docs/scaling.md, each between two marks. The words around them are written by hand, and have none."""

import re
from collections.abc import Callable, Mapping
from pathlib import Path

from bench.scaling.costs import Measured
from bench.scaling.measured_sections import costs_section, foretold_section, machine_section, polls_section
from bench.scaling.simulated import Simulated
from bench.scaling.simulated_sections import carried_section, hottest_section, short_section

Section = Callable[[Measured, Simulated], str]
SECTIONS: Mapping[str, Section] = {
    "in short": short_section,
    "costs": costs_section,
    "polls": polls_section,
    "foretold": foretold_section,
    "carried": carried_section,
    "hottest": hottest_section,
    "machine": machine_section,
}
_BLOCK = re.compile(r"(<!-- figures: ([a-z ]+) -->\n).*?(<!-- until here -->)", re.DOTALL)


def write_page(page: Path, measured: Measured, simulated: Simulated) -> None:
    page.write_text(filled(page.read_text(), measured, simulated))


def filled(text: str, measured: Measured, simulated: Simulated) -> str:
    """The text with every block made anew. Raises ValueError unless it has a place for each of them, and one only."""
    if (places := [name for _, name, _ in _BLOCK.findall(text)]) != sorted(places, key=list(SECTIONS).index):
        raise ValueError(f"the places are not in the order of {', '.join(SECTIONS)}: {', '.join(places)}")
    if len(places) != len(SECTIONS):
        raise ValueError(f"the page has places for {', '.join(places)}, and not for each of {', '.join(SECTIONS)}")
    return _BLOCK.sub(lambda found: f"{found[1]}{SECTIONS[found[2]](measured, simulated)}\n{found[3]}", text)
