"""A disk that can be filled to the last page and emptied again, or what comes nearest to one."""

import ctypes
import errno
import os
import resource
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

_LIBC = ctypes.CDLL(None, use_errno=True)
_DETACH = 2


@dataclass
class SmallDisk:
    """A file system in memory, of some megabytes."""

    path: Path
    called: str = "full disk"

    @property
    def _ballast(self) -> Path:
        return self.path / "ballast"

    def fill(self, _pid: int) -> None:
        with self._ballast.open("ab", buffering=0) as file:
            for size in (1 << 20, 1 << 12):
                try:
                    while file.write(bytes(size)) == size:
                        pass
                except OSError as error:
                    if error.errno != errno.ENOSPC:
                        raise

    def free(self, _pid: int) -> None:
        self._ballast.unlink(missing_ok=True)


@dataclass
class SmallFiles:
    """For machines on which nothing may be mounted: the server may write no further than the shorter file is long."""

    path: Path
    called: str = "limit to the size of files"

    def fill(self, pid: int) -> None:
        most = min(file.stat().st_size for file in self.path.glob("*.db*") if file.suffix in {".db", ".db-wal"})
        resource.prlimit(pid, resource.RLIMIT_FSIZE, (most, resource.RLIM_INFINITY))

    def free(self, pid: int) -> None:
        resource.prlimit(pid, resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))


@contextmanager
def small_disk(path: Path, *, megabytes: int, mount: bool = True) -> Iterator[SmallDisk | SmallFiles]:
    """Gone at the end, whatever happens."""
    path.mkdir(mode=0o700)
    if not mount or not _mounted(path, f"size={megabytes}m,mode=700"):
        yield SmallFiles(path)
        return
    try:
        yield SmallDisk(path)
    finally:
        _LIBC.umount2(os.fsencode(path), _DETACH)


def _mounted(path: Path, options: str) -> bool:
    done = _LIBC.mount(b"none", os.fsencode(path), b"tmpfs", 0, options.encode())
    if done == 0:
        return True
    if (refusal := ctypes.get_errno()) not in {errno.EPERM, errno.EACCES, errno.ENODEV}:
        raise OSError(refusal, os.strerror(refusal), str(path))
    return False
