"""Files and directories that are on disk when it is said."""

import os
from pathlib import Path


def fsync(place: Path) -> None:
    """Wait until a file's content, or the names in a directory, are on disk (fsync(2))."""
    descriptor = os.open(place, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
