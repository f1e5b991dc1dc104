"""The web client at /app: what of its build is served and how, and that nothing else is."""

import gzip
import mimetypes
import os
from inspect import signature
from pathlib import Path

import httpx2
import pytest
from starlette.middleware.gzip import GZipMiddleware

from chatsvc.api.web_app import _FileResponse, _look_up
from chatsvc.errors import NotFound
from tests.support.databases import DatabaseKind
from tests.support.raw_http import ask, connected, listening
from tests.support.scraping import scrape, value_of
from tests.support.service import Service

SCRIPT = "_expo/static/js/web/index-3f2a.js"
WASM = "assets/wa-sqlite.9c1d.wasm"
FILES = {
    "index.html": b"<!doctype html><title>chatsvc</title>",
    "sw.js": b"self.skipWaiting()",
    "favicon.ico": b"\x00\x00\x01\x00",
    "metadata.json": b"{}",
    SCRIPT: b"let answer = 42;\n" * 40_000,  # in several pieces
    WASM: b"\x00asm" + bytes(2_000),
}
TYPES = {
    "": "text/html; charset=utf-8",
    "index.html": "text/html; charset=utf-8",
    "sw.js": "text/javascript; charset=utf-8",
    "favicon.ico": "image/vnd.microsoft.icon",
    "metadata.json": "application/json",
    SCRIPT: "text/javascript; charset=utf-8",
    WASM: "application/wasm",
}
CSP = (
    "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; worker-src 'self' blob:; connect-src 'self'; "
    "style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; font-src 'self' data:; object-src 'none'; "
    "base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
STRICT_CSP = "default-src 'none'; frame-ancestors 'none'"
NOT_FOUND = {"error": {"code": "not_found", "message": "There is no such route."}}


@pytest.fixture(scope="session")
def kind(sqlite: DatabaseKind) -> DatabaseKind:
    """It asks no database."""
    return sqlite


@pytest.fixture
def build(data_dir: Path) -> Path:
    """What `make web` leaves, where the service looks for it; beside it something that is nobody's business."""
    folder = data_dir / "web"
    for name, content in FILES.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    (data_dir / "secret.txt").write_text("SECRET")
    (data_dir / "secret").write_text("SECRET")
    return folder


async def _get(service: Service, path: str, **headers: str) -> httpx2.Response:
    return await service.call("GET", f"/app/{path}", headers={"Accept-Encoding": "identity", **headers})


async def _require_nothing(service: Service, target: str) -> None:
    answer = await ask(service.app, "GET", target)
    assert (answer.status, answer.json()) == (404, NOT_FOUND), target


async def test_the_files_of_the_build_are_served_under_their_types(service: Service, build: Path) -> None:
    for name, media_type in TYPES.items():
        answer = await _get(service, name)
        assert (answer.status_code, answer.content) == (200, FILES[name or "index.html"])
        assert answer.headers["content-type"] == media_type
        assert answer.headers["content-length"] == str(len(answer.content))


async def test_the_types_are_not_those_of_the_machine(service: Service, build: Path) -> None:
    (build / "a.odd").touch()
    mimetypes.add_type("text/plain", ".js")
    mimetypes.add_type("text/html", ".odd")
    try:
        assert (await _get(service, "sw.js")).headers["content-type"] == TYPES["sw.js"]
        assert (await _get(service, "a.odd")).headers["content-type"] == "application/octet-stream"
    finally:
        mimetypes.init()


async def test_what_is_under_app_may_do_what_the_client_does_and_no_more(service: Service, build: Path) -> None:
    for path in ("", *FILES, "nothing.js", "some/page"):
        headers = (await _get(service, path)).headers
        assert headers.get_list("content-security-policy") == [CSP]
        assert headers["cross-origin-opener-policy"] == "same-origin"
        assert headers["cross-origin-embedder-policy"] == "require-corp"
        assert headers["cross-origin-resource-policy"] == "same-origin"
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "no-referrer"


async def test_what_is_elsewhere_is_as_strict_as_ever(service: Service, build: Path) -> None:
    for path in ("/v1/server", "/v1/nothing", "/v1/app/", "/healthz", "/application", "/application/app/", "/"):
        headers = (await service.call("GET", path)).headers
        assert headers.get_list("content-security-policy") == [STRICT_CSP]
        assert "cross-origin-embedder-policy" not in headers


async def test_only_what_is_named_by_its_content_is_kept_without_asking(service: Service, build: Path) -> None:
    for path in ("", "index.html", "sw.js", "favicon.ico", "metadata.json", "a/page", "_expo/page", "assets/page"):
        answer = await _get(service, path)
        assert (answer.status_code, answer.headers["cache-control"]) == (200, "no-cache"), path
    for path in (SCRIPT, WASM):
        assert (await _get(service, path)).headers["cache-control"] == "public, max-age=31536000, immutable", path


async def test_the_address_without_a_slash_leads_to_the_scope_of_the_service_worker(
    service: Service, build: Path
) -> None:
    for method in ("GET", "HEAD"):
        answer = await service.call(method, "/app", follow_redirects=False)
        assert (answer.status_code, answer.headers["location"]) == (307, "/app/")
        assert answer.headers["content-security-policy"] == CSP


async def test_an_address_of_the_client_s_own_is_its_page_and_a_file_that_is_gone_is_not(
    service: Service, build: Path
) -> None:
    for path in ("sign-in", "conversations/0190-a", "settings/", "assets", "assets/", "ünïcode"):
        answer = await _get(service, path)
        assert (answer.status_code, answer.content) == (200, FILES["index.html"]), path
        assert answer.headers["content-type"] == TYPES["index.html"]
    for path in ("old.js", "_expo/static/js/web/index-0000.js", "assets/old.wasm", "sw.js/", "sw.js/x", "a.b/c"):
        await _require_nothing(service, f"/app/{path}")


async def test_without_a_build_there_is_no_such_route(service: Service, build: Path) -> None:
    (build / "index.html").rename(build / "index.htm")
    for path in ("", "/", "/index.html", "/sw.js", "/page", f"/{SCRIPT}"):
        await _require_nothing(service, f"/app{path}")


async def test_a_build_is_served_as_soon_as_it_is_there(service: Service, data_dir: Path) -> None:
    await _require_nothing(service, "/app/")
    (data_dir / "web").mkdir()
    (data_dir / "web" / "index.html").write_bytes(b"new")
    assert (await _get(service, "")).content == b"new"


ESCAPES = (
    "../secret.txt", "../secret", "..%2fsecret", "%2e%2e/secret.txt", "%2e%2e%2fsecret", "assets/../../secret.txt",
    "assets/../index.html", "assets/../../web/index.html", "./index.html", "/index.html", "//index.html",
    "assets//index.html", "{data_dir}/secret.txt", "/{data_dir}/secret", "/etc/passwd", "%2fetc%2fpasswd",
    "..\\secret", "..%5csecret.txt", "assets\\..\\..\\secret", "%00", "index.html%00", "page%00", "../secret%00.js",
    "..", "../", "assets/..", ".", "x" * 300, "x" * 300 + ".js", "x/" * 3_000, "x/" * 3_000 + ".js", "a%0d%0ab",
)  # fmt: skip


async def test_no_path_leads_out_of_the_folder_or_anywhere_by_a_second_name(
    service: Service, build: Path, data_dir: Path
) -> None:
    for path in ESCAPES:
        await _require_nothing(service, "/app/" + path.replace("{data_dir}", str(data_dir)))


def test_a_name_that_the_file_system_cannot_have_is_not_there(build: Path) -> None:
    for path in ("\ud800", "\ud800.js"):
        with pytest.raises(NotFound):
            _look_up(build, path)


async def test_no_link_leads_out_of_the_folder(service: Service, build: Path, data_dir: Path) -> None:
    (build / "assets" / "out.txt").symlink_to(data_dir / "secret.txt")
    (build / "out").symlink_to(data_dir)
    (build / "round.js").symlink_to("round.js")
    (build / "in.js").symlink_to("sw.js")
    for path in ("assets/out.txt", "out/secret.txt", "round.js"):
        await _require_nothing(service, f"/app/{path}")
    assert (await _get(service, "in.js")).content == FILES["sw.js"]


async def test_what_is_no_file_is_not_opened(service: Service, build: Path) -> None:
    os.mkfifo(build / "waits.js")
    (build / "folder.js").mkdir()
    for path in ("waits.js", "folder.js"):
        await _require_nothing(service, f"/app/{path}")


async def test_head_tells_what_get_would(service: Service, build: Path) -> None:
    for path in ("", SCRIPT):
        got, told = await _get(service, path), await service.call("HEAD", f"/app/{path}")
        assert (told.status_code, told.content) == (200, b"")
        for name in ("content-length", "content-type", "etag", "last-modified", "cache-control"):
            assert told.headers[name] == got.headers[name]
    assert (await service.call("HEAD", "/app/nothing.js")).status_code == 404


async def test_another_method_is_told_the_right_ones(service: Service, build: Path) -> None:
    for method in ("POST", "PUT", "DELETE", "PATCH", "OPTIONS", "BREW"):
        for path in ("/app", "/app/", "/app/sw.js", "/app/nothing.js"):
            answer = await service.call(method, path)
            assert (answer.status_code, answer.headers["allow"]) == (405, "GET, HEAD")
            assert answer.json()["error"]["code"] == "method_not_allowed"


async def test_what_the_browser_has_is_not_sent_again(service: Service, build: Path) -> None:
    for path in ("", SCRIPT):
        first = await _get(service, path)
        tag, told = first.headers["etag"], first.headers["last-modified"]
        for condition in ({"If-None-Match": tag}, {"If-None-Match": f'"x", {tag}'}, {"If-Modified-Since": told}):
            again = await _get(service, path, **condition)
            assert (again.status_code, again.content) == (304, b"")
            for name in ("etag", "cache-control"):
                assert again.headers[name] == first.headers[name]
            assert again.headers["vary"] == "Accept-Encoding"
            assert again.headers["content-security-policy"] == CSP
    (build / "index.html").write_bytes(b"<!doctype html>another")
    changed = await _get(service, "", **{"If-None-Match": (await _get(service, "sw.js")).headers["etag"]})
    assert (changed.status_code, changed.content) == (200, b"<!doctype html>another")


async def test_a_part_is_sent_as_it_is_and_never_under_a_tag_of_what_is_compressed(
    service: Service, build: Path
) -> None:
    part = {"Range": "bytes=4-9", "Accept-Encoding": "gzip"}
    answer = await _get(service, SCRIPT, **part)
    assert (answer.status_code, answer.content) == (206, FILES[SCRIPT][4:10])
    assert "content-encoding" not in answer.headers
    whole = await _get(service, SCRIPT, **part, **{"If-Range": answer.headers["etag"]})
    assert (whole.status_code, whole.content) == (200, FILES[SCRIPT])
    assert whole.headers["etag"].startswith("W/")


@pytest.mark.parametrize("path", [SCRIPT, WASM], ids=["in several pieces", "in one"])
async def test_what_is_long_is_compressed_only_when_asked(service: Service, build: Path, path: str) -> None:
    plain = await _get(service, path)
    assert "content-encoding" not in plain.headers
    assert plain.headers["vary"] == "Accept-Encoding"
    async with service.client.stream("GET", f"/app/{path}", headers={"Accept-Encoding": "gzip"}) as packed:
        raw = b"".join([part async for part in packed.aiter_raw()])
    assert packed.headers["content-encoding"] == "gzip"
    assert packed.headers["vary"] == "Accept-Encoding"
    assert packed.headers["content-type"] == TYPES[path]
    assert "content-length" not in packed.headers or int(packed.headers["content-length"]) == len(raw)
    assert gzip.decompress(raw) == plain.content
    assert len(raw) < len(plain.content) / 5
    again = await _get(service, path, **{"If-None-Match": packed.headers["etag"], "Accept-Encoding": "gzip"})
    assert again.status_code == 304


async def test_nobody_waits_for_the_compression_of_what_is_long() -> None:
    on_a_thread = signature(GZipMiddleware).parameters["thread_minimum_size"].default
    assert _FileResponse.chunk_size >= on_a_thread


async def test_the_server_itself_sends_it_too(service: Service, build: Path) -> None:
    async with listening(service.app, service.inside.settings) as port, connected(port) as wire:
        for name in (SCRIPT, "sw.js", SCRIPT):
            await wire.request("GET", f"/app/{name}")
            assert (await wire.answer()).body == FILES[name]
        for path in ("../secret.txt", "..%2fsecret", "%2e%2e/secret.txt", "%00"):
            await wire.request("GET", f"/app/{path}")
            assert (await wire.answer()).status == 404, path


async def test_it_is_counted_by_its_route_and_never_by_a_path(service: Service, build: Path) -> None:
    for path in ("", "sw.js", "a/page", "nothing.js"):
        await _get(service, path)
    text = await scrape(service)
    answered = "chatsvc_request_seconds_count"
    assert value_of(text, answered, method="GET", route="/app/{path:path}", status="200") == 3
    assert value_of(text, answered, method="GET", route="/app/{path:path}", status="404") == 1
    assert "sw.js" not in text
