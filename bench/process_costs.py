"""What a process has cost so far, with the processes that it started: Linux tells in /proc."""

import os
from contextlib import suppress
from pathlib import Path

_TICK = os.sysconf("SC_CLK_TCK")
_TIMES = slice(11, 15)  # of the words behind the name, in proc(5): its own, and of the children that it has buried


def cpu_seconds(process: int) -> float:
    """User and system time of a process and of its descendants, with those that have ended."""
    return sum(_ticks(one) for one in family(process)) / _TICK


def resident_megabytes(process: int) -> float:
    """Resident memory now, of a process and of its descendants."""
    return sum(_resident_kib(one) for one in family(process)) / 1_024


def family(process: int) -> list[int]:
    """A process and its descendants."""
    found = [process]
    for one in found:
        with suppress(OSError):  # it has ended meanwhile
            for children in Path(f"/proc/{one}/task").glob("*/children"):
                found += [int(child) for child in _read(children).split()]
    return found


def _ticks(process: int) -> int:
    words = _read(Path(f"/proc/{process}/stat")).rpartition(")")[2].split()
    return sum(int(ticks) for ticks in words[_TIMES])


def _resident_kib(process: int) -> int:
    status = _read(Path(f"/proc/{process}/status"))
    return next((int(line.split()[1]) for line in status.splitlines() if line.startswith("VmRSS:")), 0)


def _read(path: Path) -> str:
    try:
        return path.read_text()
    except OSError:  # it has ended meanwhile
        return ""
