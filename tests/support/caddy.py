"""The shipped reverse proxy as a process: deploy/Caddyfile as it is, but listening on loopback alone."""

import json
import os
import shutil
import socket
import ssl
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.support.postgres import free_port

CADDYFILE = Path(__file__).parents[2] / "deploy" / "Caddyfile"
CADDY = shutil.which("caddy")
needs_caddy = pytest.mark.skipif(CADDY is None, reason="no caddy here: the distribution's package `caddy` has it")


@dataclass(frozen=True)
class RunningProxy:
    """`trust` is what a client needs to believe its certificate."""

    address: str
    trust: ssl.SSLContext
    output: Path


def caddy_environment(folder: Path, site: str, upstreams: Sequence[str]) -> dict[str, str]:
    """Nothing is written outside of the folder."""
    given = {"SITE_ADDRESS": site, "UPSTREAMS": " ".join(upstreams), "TLS": "internal"}
    places = {"HOME": str(folder), "XDG_DATA_HOME": str(folder), "XDG_CONFIG_HOME": str(folder)}
    return {"PATH": os.environ["PATH"], **places, **given}


def run_caddy(environment: dict[str, str], *arguments: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        ["caddy", *arguments], env=environment, capture_output=True, text=True, timeout=60, check=False
    )


@contextmanager
def shipped_proxy(folder: Path, upstreams: Sequence[str]) -> Iterator[RunningProxy]:
    """In front of these servers, with a certificate of its own."""
    port = free_port()
    environment = caddy_environment(folder, f"localhost:{port}", upstreams)
    adapted = run_caddy(environment, "adapt", "--config", str(CADDYFILE), "--adapter", "caddyfile")
    assert adapted.returncode == 0, adapted.stderr
    config, output = folder / "caddy.json", folder / "caddy.log"
    config.write_text(_on_loopback(json.loads(adapted.stdout), port))
    with output.open("ab") as log:
        process = subprocess.Popen(
            ["caddy", "run", "--config", str(config)], env=environment, stdout=log, stderr=subprocess.STDOUT
        )
    try:
        root = folder / "caddy" / "pki" / "authorities" / "local" / "root.crt"
        deadline = time.monotonic() + 30
        while not (root.exists() and _listens(port)):
            assert process.poll() is None, output.read_text()[-2000:]
            assert time.monotonic() < deadline
            time.sleep(0.05)
        yield RunningProxy(f"https://localhost:{port}", ssl.create_default_context(cafile=str(root)), output)
    finally:
        process.terminate()
        process.wait(timeout=30)


def _on_loopback(config: dict[str, dict[str, dict[str, dict[str, dict[str, object]]]]], port: int) -> str:
    for server in config["apps"]["http"]["servers"].values():
        assert server["listen"] == [f":{port}"]
        server["listen"] = [f"127.0.0.1:{port}"]
    return json.dumps(config)


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0
