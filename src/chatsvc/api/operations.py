"""What operators and their machines ask: sections 1 and 6 of the contract."""

from typing import Literal

from fastapi import APIRouter, Depends, Response
from pydantic import BaseModel

from chatsvc import __version__
from chatsvc.api.envelope import Data
from chatsvc.api.inputs import MAX_CONTENT_CHARACTERS
from chatsvc.api.messages import MAX_BATCH
from chatsvc.api.routing import PublicRoute
from chatsvc.api.services import Svc
from chatsvc.api.sync import MAX_ENTRIES
from chatsvc.db.schema import SchemaMismatch, schema_serves
from chatsvc.errors import NotFound, TryAgain
from chatsvc.queries.budget import LIMITED_BEYOND

router = APIRouter(tags=["operations"], route_class=PublicRoute)
_FEATURES = ["batch", "changes", "sessions", "export", "deletion"]


class Alive(BaseModel):
    status: Literal["ok"] = "ok"


class Limits(BaseModel):
    """What a client must keep to, so that it need not guess."""

    max_body_bytes: int
    max_batch_messages: int = MAX_BATCH
    max_changes_entries: int = MAX_ENTRIES
    max_content_characters: int = MAX_CONTENT_CHARACTERS
    limited_beyond_messages: int = LIMITED_BEYOND


class Server(BaseModel):
    version: str
    api: Literal["v1"] = "v1"
    limits: Limits
    features: list[str]


@router.get("/v1/server")
async def server(services: Svc) -> Data[Server]:
    """What this server is and can do."""
    limits = Limits(max_body_bytes=services.settings.max_body_bytes)
    return Data(data=Server(version=__version__, limits=limits, features=_FEATURES))


@router.get("/healthz")
async def healthz() -> Data[Alive]:
    """The process lives."""
    return Data(data=Alive())


@router.get("/readyz")
async def readyz(services: Svc) -> Data[Alive]:
    """The database answers and its schema serves this version; 503 if not, and while shutting down."""
    if services.draining:
        raise TryAgain
    try:
        await services.db.read_primary(schema_serves)
    except SchemaMismatch:
        raise TryAgain(retry_after=10) from None
    return Data(data=Alive())


async def _metrics_here(services: Svc) -> None:
    if services.settings.metrics == "off" or services.settings.metrics_port is not None:
        raise NotFound


@router.get("/metrics", dependencies=[Depends(_metrics_here)], include_in_schema=False)
async def metrics(services: Svc) -> Response:
    """For Prometheus."""
    return Response(await services.metrics.scrape(), media_type="text/plain; version=0.0.4; charset=utf-8")
