"""The service as it was at an earlier commit, run as a process of its own."""

import io
import subprocess
import sys
import tarfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.support.postgres import free_port
from tests.support.processes import ServerProcess, chatsvc_environment

ROOT = Path(__file__).parents[2]


def commit_before(path: Path) -> str | None:
    """The commit before the one that brought a file, the present one if none did yet; None if history does not say."""
    if git("rev-parse", "--show-toplevel").strip() != str(ROOT).encode():
        return None
    brought = git("log", "--diff-filter=A", "--format=%H", "--", str(path)).split()
    before = git("rev-parse", "--verify", "--quiet", f"{brought[-1].decode()}^" if brought else "HEAD").strip()
    return before.decode() or None


def unpack(commit: str, folder: Path) -> Path:
    """The code and the migrations of a commit."""
    with tarfile.open(fileobj=io.BytesIO(git("archive", commit, "src", "migrations"))) as archive:
        archive.extractall(folder, filter="data")
    return folder


@contextmanager
def older_server(code: Path, data_dir: Path, **settings: object) -> Iterator[ServerProcess]:
    """The server of that code, on the packages of today; it may refuse to serve."""
    data_dir.parent.mkdir(parents=True, exist_ok=True)
    port, output = free_port(), data_dir.parent / "older.log"
    environment = {**chatsvc_environment(data_dir, **settings, port=port), "PYTHONPATH": str(code / "src")}
    with output.open("ab") as file:
        command = [sys.executable, "-m", "chatsvc", "serve"]
        process = subprocess.Popen(command, env=environment, stdout=file, stderr=subprocess.STDOUT)
    server = ServerProcess(process, port, output)
    try:
        yield server
    finally:
        server.stop()


def git(*arguments: str) -> bytes:
    """What git says; nothing where it cannot, or is not there."""
    try:
        return subprocess.run(["git", "-C", str(ROOT), *arguments], capture_output=True, check=False).stdout
    except FileNotFoundError:
        return b""
