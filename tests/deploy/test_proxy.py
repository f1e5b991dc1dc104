"""What deploy/Caddyfile promises. Only `caddy validate` is run, where there is a caddy."""

import json
import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from chatsvc.api.envelope import error_body
from chatsvc.errors import TryAgain
from chatsvc.server import serving
from tests.deploy.files import CADDYFILE, ROOT, in_caddyfile


def test_it_bounds_slow_clients() -> None:
    assert in_caddyfile("read_header") <= 15
    assert in_caddyfile("read_body") <= 120
    assert in_caddyfile("idle") <= 120
    assert re.search(r"^\s*max_header_size \d+KB$", CADDYFILE, re.MULTILINE)


def test_it_drops_idle_connections_before_the_service_does() -> None:
    assert in_caddyfile("keepalive") < serving._KEEP_ALIVE_SECONDS


def test_it_believes_no_forwarding_header_redirects_no_clear_text_and_leaves_compression() -> None:
    code = re.sub(r"#.*", "", CADDYFILE)
    assert "trusted_proxies" not in code
    assert "disable_redirects" in code
    assert "encode" not in code


def test_its_own_refusal_is_the_contracts() -> None:
    written = re.search(r"respond `(.+)` (\d+)$", CADDYFILE, re.MULTILINE)
    assert written
    assert json.loads(written[1]) == {"error": error_body(TryAgain())}
    assert int(written[2]) == TryAgain.status


@pytest.mark.skipif(shutil.which("caddy") is None, reason="no caddy here")
def test_caddy_takes_the_configuration(tmp_path: Path) -> None:
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": str(tmp_path),
        "SITE_ADDRESS": "localhost",
        "UPSTREAMS": "127.0.0.1:9",
        "TLS": "internal",
    }
    command = ["caddy", "validate", "--config", str(ROOT / "deploy/Caddyfile"), "--adapter", "caddyfile"]
    ran = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, check=False)
    assert ran.returncode == 0, ran.stderr
