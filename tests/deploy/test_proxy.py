"""What deploy/Caddyfile promises, read and not run, but for `caddy validate` where there is a caddy."""

import json
import re
from pathlib import Path

from chatsvc.api.envelope import error_body
from chatsvc.errors import TryAgain
from chatsvc.server import serving
from tests.deploy.files import CADDYFILE, ROOT, in_caddyfile
from tests.support.caddy import caddy_environment, needs_caddy, run_caddy


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


@needs_caddy
def test_caddy_takes_the_configuration(tmp_path: Path) -> None:
    environment = caddy_environment(tmp_path, "localhost", ["127.0.0.1:9", "127.0.0.1:10"])
    ran = run_caddy(environment, "validate", "--config", str(ROOT / "deploy/Caddyfile"), "--adapter", "caddyfile")
    assert ran.returncode == 0, ran.stderr
