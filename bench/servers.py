"""The servers that are measured: processes on loopback, each with its log on disk, pinned to a core or not."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from bench.plain_requests import status_of
from tests.support.postgres import free_port

_CHATSVC = str(Path(sys.executable).with_name("chatsvc"))
_READY_SECONDS = 60
_STOP_SECONDS = 30
SERVER_CORE, LOAD_CORE = 0, 1


def pinned(command: Sequence[str], core: int, *, pin: bool = True) -> list[str]:
    """The command, held to one core where there is another one for whoever talks to it."""
    several = (os.cpu_count() or 1) > 1
    return ["taskset", "-c", str(core), *command] if pin and several else list(command)


@dataclass(frozen=True)
class Server:
    """Something that answers. `database_url` is empty for the floor."""

    name: str
    port: int
    process: int
    database_url: str = ""
    pin: bool = True


@contextmanager
def plain_server(name: str, jwt_keys: str, folder: Path, database_url: str = "") -> Iterator[Server]:
    """The floor, or the baseline on a database."""
    port = free_port()
    command = [sys.executable, "-m", "bench.serve_plain", str(port), *([database_url] if database_url else [])]
    environment = {**os.environ, "CHATSVC_JWT_KEYS": jwt_keys}
    with _running(name, pinned(command, SERVER_CORE), environment, port, folder, "/openapi.json") as process:
        yield Server(name, port, process, database_url)


@contextmanager
def service(
    name: str, jwt_keys: str, folder: Path, database_url: str, *, workers: int | None = None, pin: bool = True
) -> Iterator[Server]:
    """`chatsvc serve` as it is run for real, but for its rate limits and the life of its access tokens."""
    port = free_port()
    settings = {
        "ENV": "development",
        "RATE_LIMITS": "off",
        "ACCESS_TOKEN_SECONDS": "86400",
        "JWT_KEYS": jwt_keys,
        "DATABASE_URL": database_url,
        "DATA_DIR": str(folder),
    }
    bare = {name: value for name, value in os.environ.items() if not name.startswith("CHATSVC_")}
    environment = {**bare, **{f"CHATSVC_{name}": value for name, value in settings.items()}}
    command = [_CHATSVC, "serve", "--port", str(port), *(["--workers", str(workers)] if workers else [])]
    with _running(name, pinned(command, SERVER_CORE, pin=pin), environment, port, folder, "/readyz") as process:
        yield Server(name, port, process, database_url, pin)


def takes_workers() -> bool:
    """Whether this version of the service can be served by several processes."""
    command = [_CHATSVC, "serve", "--help"]
    return "--workers" in subprocess.run(command, capture_output=True, text=True, timeout=60, check=True).stdout


@contextmanager
def _running(
    name: str, command: list[str], environment: dict[str, str], port: int, folder: Path, path: str
) -> Iterator[int]:
    output = folder / f"{name.replace('/', '-')}.log"
    folder.mkdir(exist_ok=True)
    with output.open("ab") as log:
        process = subprocess.Popen(command, env=environment, stdout=log, stderr=log)
    try:
        deadline = time.monotonic() + _READY_SECONDS
        while status_of(port, path) != 200:
            if process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"{name} did not start: {output.read_text()[-2000:]}")
            time.sleep(0.05)
        yield process.pid
    finally:
        _stop(process)


def _stop(process: "subprocess.Popen[bytes]") -> None:
    process.send_signal(signal.SIGTERM)
    with suppress(subprocess.TimeoutExpired):
        process.wait(_STOP_SECONDS)
        return
    process.kill()
    process.wait(_STOP_SECONDS)
