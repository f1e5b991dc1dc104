"""What long work tells of itself while it runs."""

from typing import Protocol


class Progress(Protocol):
    """Told of each step when it starts, with its length in rows or pages if that is known, and of what passes."""

    def start(self, what: str, count: int | None) -> None: ...

    def advance(self, count: int) -> None: ...
