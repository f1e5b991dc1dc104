"""What the image promises, read from its Dockerfile. Nothing is built."""

import json
import re
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from tests.deploy.files import DOCKERFILE, PINNED, ROOT, instructions


def test_its_base_is_pinned_by_a_tag() -> None:
    stages = {found[1] for line in instructions("FROM") if (found := re.search(r" AS (\w+)$", line))}
    bases = {line.split()[0] for line in instructions("FROM")} - stages
    assert bases
    assert all(PINNED.fullmatch(base) for base in bases), bases


def test_the_image_runs_the_service_as_a_fixed_user() -> None:
    assert instructions("USER") == ["10001:10001"]
    assert json.loads(instructions("CMD")[-1]) == ["chatsvc", "serve"]
    assert instructions("STOPSIGNAL") == ["SIGTERM"]
    assert instructions("VOLUME") == ["/data"]
    assert not re.search(r"^(ADD|ENTRYPOINT) ", DOCKERFILE, re.MULTILINE)
    assert "CHATSVC_ENV=production" in instructions("ENV")[-1]
    assert DOCKERFILE.count("--require-hashes") == 2


def test_the_build_sees_only_what_is_copied() -> None:
    ignored = [line for line in (ROOT / ".dockerignore").read_text().splitlines() if not line.startswith("#")]
    copied = {word for line in instructions("COPY") if "--from" not in line for word in line.split()[:-1]}
    assert ignored[0] == "*"
    assert {line[1:] for line in ignored if line.startswith("!")} == copied
    assert all((ROOT / path).exists() for path in copied)


@pytest.mark.parametrize(("status", "code"), [(200, 0), (503, 1)])
def test_the_health_check_asks_the_configured_port_past_any_proxy(status: int, code: int) -> None:
    class Healthz(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(status if self.path == "/healthz" else 404)
            self.end_headers()

        def log_message(self, *_: object) -> None: ...

    command = json.loads(re.findall(r"^\s+CMD (\[.+\])$", DOCKERFILE, re.MULTILINE)[0])
    assert command.pop(0) == "python"
    with HTTPServer(("127.0.0.1", 0), Healthz) as answering:
        threading.Thread(target=answering.serve_forever, daemon=True).start()
        environment = {"CHATSVC_PORT": str(answering.server_port), "http_proxy": "http://127.0.0.1:9"}
        ran = subprocess.run([sys.executable, *command], env=environment, capture_output=True, timeout=30, check=False)
        answering.shutdown()
    assert ran.returncode == code, ran.stderr
