"""What lies under the databases: a real disk or not, and what a sync of it costs."""

import os
import tempfile
import time
from pathlib import Path

_IN_MEMORY = {"tmpfs", "ramfs"}
_SYNCS = 200


class NotADisk(RuntimeError):
    """The place for the databases is kept in memory: nothing measured there is durable."""


def file_system(directory: Path) -> str:
    """The kind of the file system that holds a directory, such as ext4."""
    place = directory.resolve()
    found, kind = -1, "unknown"
    for line in Path("/proc/self/mountinfo").read_text().splitlines():
        fields, _, rest = line.partition(" - ")
        mount = Path(fields.split()[4])
        if place.is_relative_to(mount) and len(mount.parts) >= found:
            found, kind = len(mount.parts), rest.split()[0]
    return kind


def require_a_disk(directory: Path) -> None:
    """Raises NotADisk."""
    if (kind := file_system(directory)) in _IN_MEMORY:
        raise NotADisk(f"{directory} is {kind}, kept in memory, where a sync costs nothing: choose a folder on a disk")


def sync_milliseconds(directory: Path, part: float = 0.5) -> float:
    """The cost of writing 4 KiB at the end of a file and syncing it, which every durable commit pays: the median, or
    what another part of the syncs stays below."""
    costs = []
    with tempfile.TemporaryFile(dir=directory) as file:
        for _ in range(_SYNCS):
            begun = time.perf_counter()
            os.write(file.fileno(), bytes(4_096))
            os.fdatasync(file.fileno())
            costs.append(time.perf_counter() - begun)
    return sorted(costs)[int(part * _SYNCS)] * 1_000
