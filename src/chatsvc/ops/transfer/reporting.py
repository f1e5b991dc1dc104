"""What a transfer tells of itself while it runs."""

from typing import Protocol


class Progress(Protocol):
    """Told of each table when it starts, and of rows as they pass."""

    def start(self, what: str, rows: int) -> None: ...

    def advance(self, rows: int) -> None: ...
