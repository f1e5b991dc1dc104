"""What a break is: lines of the service replaced in a copy, and the tests that must notice."""

import shutil
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True)
class Change:
    """`old` stands once in `file` (a path below src/chatsvc) and is replaced by `new`."""

    file: str
    old: str
    new: str


@dataclass(frozen=True)
class Break:
    """A promise taken out of the service. Each of `tests` (ids for pytest) is named because it holds that promise."""

    name: str
    changes: tuple[Change, ...]
    tests: tuple[str, ...]


class Stale(Exception):
    """The service has changed, and the break does not fit any more."""


def broken_copy(broken: Break | None, directory: Path) -> Path:
    """The service in `directory`, with the break (None: as it is). Raises Stale. Gives the folder to import it from."""
    for folder in ("src", "migrations"):
        shutil.copytree(ROOT / folder, directory / folder, ignore=shutil.ignore_patterns("__pycache__"))
    for change in broken.changes if broken else ():
        path = directory / "src/chatsvc" / change.file
        text = path.read_text()
        if (found := text.count(change.old)) != 1:
            raise Stale(f"{broken and broken.name}: {found} places in {change.file} fit {change.old!r}")
        path.write_text(text.replace(change.old, change.new))
    return directory / "src"
