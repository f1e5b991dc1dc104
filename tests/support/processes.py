"""Real server processes on loopback."""

import json
import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2
from typer.testing import CliRunner

from chatsvc import cli
from tests.support.postgres import free_port

CHATSVC = str(Path(sys.executable).with_name("chatsvc"))
_measuring: dict[str, str] = {}


@dataclass
class ServerProcess:
    """A `chatsvc serve` of its own, with what it printed."""

    process: "subprocess.Popen[bytes]"
    port: int
    output: Path

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def get(self, path: str) -> tuple[int, Any]:
        """Status and JSON of a GET; (0, None) when nobody listens."""
        try:
            with urllib.request.urlopen(self.address + path, timeout=5) as answer:
                return answer.status, json.load(answer)
        except urllib.error.HTTPError as error:
            return error.code, json.load(error)
        except OSError:
            return 0, None

    def stop(self, how: signal.Signals = signal.SIGTERM) -> int:
        """End it, give its exit code."""
        if self.process.poll() is None:
            self.process.send_signal(how)
        return self.process.wait(timeout=30)


def plain_client(address: str, timeout: float) -> httpx2.AsyncClient:
    """For http:// alone: to read the certificates of the world takes longer than a hundred requests."""
    return httpx2.AsyncClient(base_url=address, timeout=timeout, trust_env=False, verify=False)


def start_quickly() -> None:
    """Interpreters that are started from now on count for the coverage only where a test says so.

    Those that do take twice as long to start. Nor does each of them compile all of the service anew.
    """
    _measuring.update({name: os.environ.pop(name) for name in [*os.environ] if name.startswith("COVERAGE_PROCESS_")})
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)


def chatsvc_environment(data_dir: Path, **settings: object) -> dict[str, str]:
    """The environment of a person who set nothing but what is given: names of settings without the prefix.

    With `measured=True` what is started counts for the coverage.
    """
    measuring = _measuring if settings.pop("measured", False) else {}
    bare = {name: value for name, value in os.environ.items() if not name.startswith("CHATSVC_")}
    given = {f"CHATSVC_{name.upper()}": str(value) for name, value in settings.items()}
    return {**bare, **measuring, "CHATSVC_DATA_DIR": str(data_dir), **given}


@contextmanager
def served(data_dir: Path, **settings: object) -> Iterator[ServerProcess]:
    """A server that is ready, stopped at the end."""
    server = start_server(data_dir, **settings)
    try:
        wait_until_ready(server)
        yield server
    finally:
        server.stop()


def start_server(data_dir: Path, **settings: object) -> ServerProcess:
    """Start it, and wait for nothing. With the port of one that was killed it is the same server again."""
    data_dir.parent.mkdir(parents=True, exist_ok=True)
    port = int(str(settings.get("port") or free_port()))
    output = data_dir.parent / f"server-{port}.log"
    environment = chatsvc_environment(data_dir, **{**settings, "port": port})
    with output.open("ab") as file:
        process = subprocess.Popen([CHATSVC, "serve"], env=environment, stdout=file, stderr=subprocess.STDOUT)
    return ServerProcess(process, port, output)


def wait_until_ready(server: ServerProcess, seconds: float = 60) -> None:
    """A busy machine takes its time; a server that has ended is told at once."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline and server.process.poll() is None:
        if server.get("/readyz")[0] == 200:
            return
        time.sleep(0.05)
    said = server.output.read_text()[-2000:]
    raise AssertionError(f"not ready: exit code {server.process.poll()}, /readyz {server.get('/readyz')}: {said}")


def run_cli(
    data_dir: Path, *arguments: str, stdin: str | None = None, **settings: Any
) -> "subprocess.CompletedProcess[str]":
    """Run a command to its end: in this process, which saves a second of imports, but for what takes the signals.

    What serves has any free port, if none is given: several tests do so at once.
    """
    environment = chatsvc_environment(data_dir, **{"port": 0, **settings})
    if "serve" in arguments or not arguments:
        command = [CHATSVC, *arguments]
        return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, check=False)
    unset: dict[str, str | None] = {name: None for name in os.environ if name not in environment}
    with ThreadPoolExecutor(1) as beside_a_running_loop:
        typed = beside_a_running_loop.submit(
            CliRunner().invoke, cli.app, arguments, input=stdin, env={**unset, **environment}
        )
        done = typed.result(timeout=60)
    if done.exception and not isinstance(done.exception, SystemExit):
        raise done.exception
    return subprocess.CompletedProcess(arguments, done.exit_code, done.stdout, done.stderr)
