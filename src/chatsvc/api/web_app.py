"""The web client at /app: the files of its build, and its index for the addresses that it makes up itself."""

import re
from mimetypes import MimeTypes
from os import stat_result
from pathlib import Path
from stat import S_ISREG
from typing import NamedTuple

from fastapi import APIRouter
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import FileResponse, RedirectResponse, Response
from starlette.staticfiles import NotModifiedResponse, StaticFiles

from chatsvc.api.routing import PublicRoute
from chatsvc.api.services import Svc
from chatsvc.errors import NotFound

_INDEX = "index.html"
_MAX_CHARACTERS = 1_024  # to look up tens of thousands of folders takes long
_PAGE = re.compile(r"([^./\\\x00-\x1f]+/)*[^./\\\x00-\x1f]*")
"""What may be an address of the client's own: without a dot, so that a file that is gone is not answered by a page."""
_NO_NAME = re.compile(r"(^|/)\.{0,2}(/|$)|[\\\x00-\x1f]")
_HASHED = ("_expo/", "assets/")
"""Folders in which a name changes with the content."""
_FOR_EVER = "public, max-age=31536000, immutable"
_ASK_FIRST = "no-cache"
_GET = ["GET", "HEAD"]
_is_not_modified = StaticFiles().is_not_modified

# Without the machine's table, in which a script may be anything: browsers run it under no other type than its own.
_types = MimeTypes()  # of this module, not the shared one
for _ending, _type in ((".js", "text/javascript"), (".wasm", "application/wasm"), (".ttf", "font/ttf")):
    _types.add_type(_type, _ending)

router = APIRouter(route_class=PublicRoute, include_in_schema=False)


class _File(NamedTuple):
    path: str
    stat: stat_result
    name: str


class _FileResponse(FileResponse):
    chunk_size = 128 * 1024  # GZipMiddleware compresses from here on on a thread; 64 KB hold up the loop for 2 ms


@router.api_route("/app", methods=_GET)
async def web_client(services: Svc) -> Response:
    """To where the scope of its service worker begins: relative, for a proxy has another host."""
    await run_in_threadpool(_look_up, services.settings.web_dir, "")
    return RedirectResponse("/app/")


@router.api_route("/app/{path:path}", methods=_GET)
async def web_client_file(request: Request, services: Svc, path: str) -> Response:
    """A file of the build, or the page."""
    return _answer(request, await run_in_threadpool(_look_up, services.settings.web_dir, path))


def _look_up(folder: Path, path: str) -> _File:
    """Looked for at each request, so that a build is served as soon as it is there. Blocks. Raises NotFound."""
    if len(path) > _MAX_CHARACTERS:
        raise NotFound
    files = StaticFiles(directory=folder, check_dir=False)  # it lets no path and no link lead out of the folder
    try:
        index = _regular(files, _INDEX)
        named = None if _NO_NAME.search(path) else _regular(files, path)
    except (OSError, ValueError):  # too long, not readable, not a path at all
        raise NotFound from None
    found = named or (index if _PAGE.fullmatch(path) else None)
    if index is None or found is None:
        raise NotFound
    return found


def _regular(files: StaticFiles, name: str) -> _File | None:
    path, stat = files.lookup_path(name)
    return _File(path, stat, name) if stat is not None and S_ISREG(stat.st_mode) else None


def _answer(request: Request, file: _File) -> Response:
    headers = {"Cache-Control": _FOR_EVER if file.name.startswith(_HASHED) else _ASK_FIRST}
    media_type = _types.guess_type(file.name)[0] or "application/octet-stream"
    answer: Response = _FileResponse(file.path, headers=headers, media_type=media_type, stat_result=file.stat)
    if _is_not_modified(answer.headers, request.headers):
        answer = NotModifiedResponse(answer.headers)
        answer.headers["Vary"] = "Accept-Encoding"  # Compression says it of what has a body
    # Weak: compressed it is other bytes, and a range of the file must not be put behind a part of those.
    answer.headers["ETag"] = f"W/{answer.headers['ETag']}"
    return answer
