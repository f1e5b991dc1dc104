"""How far a long command is."""

import sys
from typing import Any

import typer


class Bar:
    """A bar on a terminal, or a count where nobody knows the end; elsewhere nothing: what matters is printed last."""

    def __init__(self) -> None:
        self.what = ""
        self._passed = 0
        self._bar: Any = None
        self._counting = False

    def start(self, what: str, count: int | None) -> None:
        """The next step."""
        self.end()
        self.what = what
        if not sys.stderr.isatty():
            return
        if count is None:
            self._counting, self._passed = True, 0
            self._show()
        else:
            self._bar = typer.progressbar(length=count, label=f"{what:32}", file=sys.stderr, show_pos=True)
            self._bar.__enter__()

    def advance(self, count: int) -> None:
        """What passed."""
        if self._bar is not None:
            self._bar.update(count)
        elif self._counting:
            self._passed += count
            self._show()

    def end(self) -> None:
        """No more of what was begun."""
        if self._bar is not None:
            self._bar.__exit__(None, None, None)
            self._bar = None
        elif self._counting:
            self._counting = False
            typer.echo(err=True)

    def _show(self) -> None:
        typer.echo(f"\r{self.what:32}  {self._passed:,}", nl=False, err=True)
