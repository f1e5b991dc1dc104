"""The table of `make prove`: property, database, what was looked at, seconds, result."""

import platform
from pathlib import Path
from typing import Any

import pytest

BEGIN, END = "<!-- made by `make prove` -->", "<!-- until here -->"
_HEADER = "| property | database | looked at | seconds | result |\n|---|---|---|---:|---|\n"


class Table:
    """Gathers what the tests noted, prints it at the end, and puts it into `page` if one is named."""

    def __init__(self, page: str | None, seed: str) -> None:
        self._page = Path(page) if page else None
        self._seed = seed
        self._rows: list[dict[str, Any]] = []

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        found = dict(report.user_properties)
        if report.when == "teardown" and "result" in found:
            self._rows.append(found)
        elif report.when != "call" and report.failed and "result" not in found:
            told = {"proves": report.nodeid, "database": "", "looked at": "could not begin", "result": "FAILED"}
            self._rows.append(told)

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
        if not self._rows or not config.option.deep or hasattr(config, "workerinput"):
            return
        terminalreporter.section("what was proved")
        terminalreporter.write_line(self.text())
        if self._page:
            replace_between_marks(self._page, self.text())

    def text(self) -> str:
        """The table in Markdown, with the seed that it can be made with again."""
        rows = sorted(self._rows, key=lambda row: (row["proves"], row["database"]))
        lines = [
            f"| {row['proves']} | {row['database']} | {row['looked at']} | {row.get('seconds', 0):,.0f} "
            f"| {row['result']} |\n"
            for row in rows
        ]
        machine = f"Python {platform.python_version()}, seed {self._seed}"
        return f"{_HEADER}{''.join(lines)}\n{len(rows)} proofs, {machine}."


def replace_between_marks(page: Path, text: str, begin: str = BEGIN, end: str = END) -> None:
    """Raises ValueError where the page does not hold the two marks."""
    before, found_begin, rest = page.read_text().partition(begin)
    _, found_end, after = rest.partition(end)
    if not (found_begin and found_end):
        raise ValueError(f"{page} has no place for the table, between {begin} and {end}")
    page.write_text(f"{before}{begin}\n{text}\n{end}{after}")
