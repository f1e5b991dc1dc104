"""How far a long command is."""

import sys
from typing import Any

import typer


class Bar:
    """A bar on a terminal; elsewhere nothing: what matters is printed at the end."""

    def __init__(self) -> None:
        self.what = ""
        self._bar: Any = None

    def start(self, what: str, rows: int) -> None:
        """The next step."""
        self.end()
        self.what = what
        if sys.stderr.isatty():
            self._bar = typer.progressbar(length=rows, label=f"{what:32}", file=sys.stderr, show_pos=True)
            self._bar.__enter__()

    def advance(self, rows: int) -> None:
        """Rows that passed."""
        if self._bar is not None:
            self._bar.update(rows)

    def end(self) -> None:
        """No more of what was begun."""
        if self._bar is not None:
            self._bar.__exit__(None, None, None)
            self._bar = None
