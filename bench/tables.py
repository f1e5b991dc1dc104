"""Tables of the page, and numbers as they stand in them."""

from collections.abc import Iterable, Sequence

from bench.results import Spread

MISSING = "not measured"


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """The first column is text, the others are numbers."""
    ruler = ["---", *["--:"] * (len(head) - 1)]
    return "\n".join(f"| {' | '.join(row)} |" for row in (head, ruler, *rows))


def number(value: float) -> str:
    """Three digits that mean something, or all of a number beyond a thousand."""
    if abs(value) >= 1_000:
        return f"{value:,.0f}"
    digits = 0 if abs(value) >= 100 else 1 if abs(value) >= 10 else 2
    return f"{value:.{digits}f}"


def middle(found: Spread | None, unit: str = "") -> str:
    return MISSING if found is None else number(found.median) + unit


def between(found: Spread | None, unit: str = "") -> str:
    """The median, and the ends of what was seen."""
    if found is None:
        return MISSING
    ends = (number(found.low), number(found.high))
    return middle(found, unit) if ends[0] == ends[1] else f"{middle(found, unit)} ({ends[0]}–{ends[1]})"
