"""One server process for an SQLite file."""

import fcntl
import os
from pathlib import Path
from typing import IO


class AlreadyServed(RuntimeError):
    """Another server process holds the file."""


def lock_for_serving(path: Path) -> IO[str]:
    """Hold the operating system's lock beside an SQLite file until the returned file is closed or the process dies.

    Raises AlreadyServed when another process has it. Other commands do not take it: they run beside the server.
    """
    real = path.resolve()  # as SQLite does: a link to the file is the same file
    lock_path = real.with_name(real.name + ".lock")
    file = os.fdopen(os.open(lock_path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600), "r+", encoding="ascii")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        file.seek(0)
        holder = file.read(32).strip() or "unknown"
        file.close()
        raise AlreadyServed(
            f"{path} is being served by another process (pid {holder}): SQLite takes one server process. "
            "Stop that one first, or use Postgres to run several."
        ) from error
    file.truncate(0)
    file.write(str(os.getpid()))
    file.flush()
    return file
