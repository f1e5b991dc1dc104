"""The API's documentation: the OpenAPI document for machines, a page for people that loads nothing from elsewhere."""

from importlib.util import find_spec
from pathlib import Path

from fastapi import APIRouter, Depends
from starlette.requests import Request
from starlette.responses import FileResponse, HTMLResponse, JSONResponse, Response

from chatsvc.api.routing import PublicRoute
from chatsvc.api.services import Svc
from chatsvc.errors import NotFound

_PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>chatsvc API</title>
<link rel="icon" href="/docs/favicon-32x32.png">
<link rel="stylesheet" href="/docs/swagger-ui.css">
</head>
<body>
<div id="swagger-ui"></div>
<script src="/docs/swagger-ui-bundle.js"></script>
<script src="/docs/start.js"></script>
</body>
</html>
"""
_START = 'SwaggerUIBundle({url: "/openapi.json", dom_id: "#swagger-ui", deepLinking: true, validatorUrl: null});\n'
_FILES = ("swagger-ui-bundle.js", "swagger-ui.css", "favicon-32x32.png")


async def _docs_here(services: Svc) -> None:
    if not services.settings.serves_docs:
        raise NotFound


router = APIRouter(route_class=PublicRoute, include_in_schema=False, dependencies=[Depends(_docs_here)])


@router.get("/openapi.json")
async def openapi(request: Request) -> JSONResponse:
    """The contract for machines."""
    return JSONResponse(request.app.openapi())


@router.get("/docs")
async def docs() -> HTMLResponse:
    """The contract for people."""
    return HTMLResponse(_PAGE)


@router.get("/docs/start.js")
async def start() -> Response:
    """Apart from the page, so that the page needs no inline script."""
    return Response(_START, media_type="text/javascript")


@router.get("/docs/{name}")
async def swagger_file(name: str) -> FileResponse:
    """Swagger UI's own files, from the package that carries them."""
    spec = find_spec("fastapi_swagger")
    if name not in _FILES or spec is None or not spec.submodule_search_locations:
        raise NotFound
    return FileResponse(Path(spec.submodule_search_locations[0]) / "resources" / name)
