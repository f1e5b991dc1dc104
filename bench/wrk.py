"""Running wrk and reading what it says. Whatever is not an answer with a status below 400 fails the figure."""

import json
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.servers import LOAD_CORE, Server, pinned

SCRIPTS = Path(__file__).parent / "lua"
_MARK = "RESULT "
_TIMEOUT_SECONDS = 30


class LoadFailed(RuntimeError):
    """wrk did not get the answers that the figure is about."""


class WrkMissing(RuntimeError):
    """The load generator is not installed; the message says how to."""


@dataclass(frozen=True)
class Load:
    """What wrk saw in one run: `rate` is requests a second."""

    requests: int
    seconds: float
    p50_ms: float
    p90_ms: float
    p99_ms: float
    max_ms: float

    @property
    def rate(self) -> float:
        return self.requests / self.seconds


def require_wrk() -> None:
    if shutil.which("wrk") is None:
        raise WrkMissing("wrk is missing: apt-get install wrk")


def version() -> str:
    """Such as 4.1.0. (It ends with 1 whenever it prints its usage.)"""
    said = subprocess.run(["wrk", "-v"], capture_output=True, text=True, timeout=10, check=False).stdout
    return next((word.rpartition("/")[2] for word in said.split() if word[-1:].isdigit()), "unknown")


def run(server: Server, script: str, arguments: Sequence[str], *, connections: int, seconds: float) -> Load:
    """One run of a script of `lua/` against a server. Raises LoadFailed.

    One thread: Lua makes some ten thousand requests a second on one core, more than any server here answers.
    """
    command = [
        "wrk", "-t1", f"-c{connections}", f"-d{_duration(seconds)}", f"--timeout={_TIMEOUT_SECONDS}s",
        "-s", f"{script}.lua", f"http://127.0.0.1:{server.port}", "--", *arguments,
    ]  # fmt: skip
    done = subprocess.run(
        pinned(command, LOAD_CORE, pin=server.pin),
        cwd=SCRIPTS,
        capture_output=True,
        text=True,
        timeout=seconds + 2 * _TIMEOUT_SECONDS,
        check=False,
    )
    if done.returncode:
        raise LoadFailed(f"wrk ended with {done.returncode}: {(done.stderr or done.stdout).strip()[-500:]}")
    return parse(done.stdout)


def parse(output: str) -> Load:
    """Read the line that `report.lua` prints. Raises LoadFailed for any error in it, and for none at all."""
    lines = [line.removeprefix(_MARK) for line in output.splitlines() if line.startswith(_MARK)]
    if len(lines) != 1:
        raise LoadFailed(f"wrk gave no result: {output[-500:]}")
    said = json.loads(lines[0])
    if wrong := {kind: count for kind, count in said.pop("errors").items() if count}:
        raise LoadFailed(f"of {said['requests']} requests failed: {wrong}")
    if not said["requests"]:
        raise LoadFailed("nothing was answered")
    return Load(**said)


def _duration(seconds: float) -> str:
    """wrk takes whole seconds."""
    return f"{max(1, round(seconds))}s"


def to_lua(value: Any) -> str:
    """A file that `dofile` reads: lists, tables, and text in ASCII without control characters."""
    if isinstance(value, str):
        if not (value.isascii() and value.isprintable()):
            raise ValueError("only printable ASCII is written for Lua")
        return json.dumps(value)
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"[{to_lua(name)}] = {to_lua(one)}" for name, one in value.items()) + "}"
    return "{" + ", ".join(to_lua(one) for one in value) + "}"
