"""One server process for an SQLite file, whatever becomes of the one before."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from chatsvc.db.server_lock import AlreadyServed, lock_for_serving

_SERVE = """
import sys, time
from pathlib import Path
from chatsvc.db.server_lock import lock_for_serving
held = lock_for_serving(Path(sys.argv[1]))
print("held", flush=True)
time.sleep(60)
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "chat.db"


@pytest.fixture
def server(path: Path) -> Iterator["subprocess.Popen[str]"]:
    with subprocess.Popen([sys.executable, "-c", _SERVE, str(path)], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "held\n"
        yield process
        process.kill()


def test_a_second_process_is_refused_and_told_which_one_serves(server: "subprocess.Popen[str]", path: Path) -> None:
    with pytest.raises(AlreadyServed, match=rf"{path.name} is being served by another process \(pid {server.pid}\)"):
        lock_for_serving(path)


def test_a_link_to_the_file_is_the_same_file(server: "subprocess.Popen[str]", path: Path, tmp_path: Path) -> None:
    link = tmp_path / "elsewhere" / "link.db"
    link.parent.mkdir()
    link.symlink_to(path)
    with pytest.raises(AlreadyServed):
        lock_for_serving(link)


def test_a_killed_server_leaves_the_file_free(server: "subprocess.Popen[str]", path: Path) -> None:
    server.send_signal(signal.SIGKILL)
    server.wait(timeout=10)
    with lock_for_serving(path) as held:
        held.seek(0)
        assert held.read() == str(os.getpid())


def test_a_closed_lock_can_be_taken_again(path: Path) -> None:
    lock_for_serving(path).close()
    lock_for_serving(path).close()


def test_the_lock_is_for_its_owner_alone(path: Path) -> None:
    with lock_for_serving(path):
        (lock,) = path.parent.iterdir()
        assert lock.stat().st_mode & 0o077 == 0
