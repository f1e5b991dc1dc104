"""What the endpoints of one application share."""

from dataclasses import dataclass, field
from typing import Annotated
from uuid import UUID

from fastapi import Depends
from starlette.requests import Request

from chatsvc.api.limiter import Limiter, address_key
from chatsvc.api.liveness import SessionLiveness
from chatsvc.api.metrics import Metrics
from chatsvc.api.observing import request_id
from chatsvc.commands.audit import Origin
from chatsvc.db import Database
from chatsvc.security.access_tokens import AccessTokens
from chatsvc.security.hashing_pool import HashingPool
from chatsvc.security.remembered_tokens import RememberedTokens
from chatsvc.settings import Settings


@dataclass(frozen=True, slots=True)
class Actor:
    """Whose request it is, by a verified token of a live session."""

    user_id: UUID
    session_id: UUID


@dataclass(slots=True)
class Services:
    """Made once by `create_app`. `draining` is set when the process has been told to stop."""

    settings: Settings
    db: Database
    tokens: AccessTokens
    remembered: RememberedTokens
    hashing: HashingPool
    limiter: Limiter
    liveness: SessionLiveness
    metrics: Metrics
    draining: bool = field(default=False)

    async def authenticate(self, token: str) -> Actor:
        """Raises AccessTokenInvalid and AccessTokenExpired."""
        claims = self.remembered.verify(token, now=self.db.now())
        await self.liveness.require(session_id=claims.session_id, user_id=claims.user_id)
        return Actor(claims.user_id, claims.session_id)


async def _services(request: Request) -> Services:
    services: Services = request.app.state.services
    return services


async def _db(request: Request) -> Database:
    db: Database = request.app.state.services.db
    return db


async def _actor(request: Request) -> Actor:
    actor: Actor = request.state.actor
    return actor


async def _origin(request: Request) -> Origin:
    host = request.client.host if request.client else None
    return Origin(ip=host[:64] if host else None, request_id=request_id.get())


async def _address(request: Request) -> str:
    return address_key(request.client.host if request.client else None)


Svc = Annotated[Services, Depends(_services)]
Db = Annotated[Database, Depends(_db)]
CurrentActor = Annotated[Actor, Depends(_actor)]
RequestOrigin = Annotated[Origin, Depends(_origin)]
Address = Annotated[str, Depends(_address)]
