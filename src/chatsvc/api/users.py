"""Users: section 3 of the contract."""

from collections.abc import AsyncIterator
from typing import Annotated

from fastapi import APIRouter, Query
from fastapi.responses import StreamingResponse
from pydantic import BaseModel
from starlette.responses import Response

from chatsvc.api.envelope import Data, Nothing
from chatsvc.api.export import Export, export
from chatsvc.api.inputs import Body, LoginText, Name, PathId, SearchText, UpTo50
from chatsvc.api.openapi import refuses
from chatsvc.api.passwords import confirmed
from chatsvc.api.routing import Route
from chatsvc.api.services import Address, CurrentActor, Db, RequestOrigin, Svc
from chatsvc.commands.delete_user import DeleteUser, delete_user
from chatsvc.commands.update_profile import UpdateProfile, update_profile
from chatsvc.errors import InvalidCredentials, RateLimited, UserNotFound
from chatsvc.queries.users import user, users_by_prefix
from chatsvc.resources import User

router = APIRouter(prefix="/v1/users", tags=["users"], route_class=Route)


class Profile(Body):
    display_name: Name | None = None


class Confirmation(Body):
    password: LoginText


class UserList(BaseModel):
    users: list[User]


@router.get("/me", responses=refuses(UserNotFound))
async def me(actor: CurrentActor, db: Db) -> Data[User]:
    """Oneself."""
    return Data(data=await db.read(user, user_id=actor.user_id))


@router.patch("/me", responses=refuses(UserNotFound))
async def update_me(body: Profile, actor: CurrentActor, db: Db) -> Data[User]:
    """Change one's display name."""
    return Data(data=await db.execute(update_profile, UpdateProfile(actor.user_id, body.display_name)))


@router.delete("/me", responses=refuses(InvalidCredentials, RateLimited))
async def delete_me(
    body: Confirmation, actor: CurrentActor, services: Svc, origin: RequestOrigin, address: Address
) -> Data[Nothing]:
    """Delete oneself, with the password. For ever: what one wrote stays readable to the others, under another name."""
    known = await confirmed(services, actor, body.password, "delete", origin, address)
    await services.db.execute(delete_user, DeleteUser(actor.user_id, known.password_hash, origin))
    return Data(data=Nothing())


@router.get("/me/export", response_model=Data[Export], responses=refuses(UserNotFound, RateLimited))
async def export_me(actor: CurrentActor, services: Svc) -> Response:
    """All that is held of oneself. Of any length: it is written while it is read, and an end that is missing is a cut
    connection."""
    await services.limiter.require("export", actor.user_id)
    pieces = export(services.db, actor.user_id)
    first = await anext(pieces)  # what refuses does so here, before there is a status

    async def enveloped() -> AsyncIterator[bytes]:
        yield b'{"data":' + first
        async for piece in pieces:
            yield piece
        yield b"}"

    return StreamingResponse(enveloped(), media_type="application/json")


@router.get("/search", responses=refuses(RateLimited))
async def search(
    actor: CurrentActor,
    services: Svc,
    db: Db,
    query: Annotated[SearchText, Query(description="beginning of a username or a display name")],
    limit: Annotated[UpTo50, Query()] = 20,
) -> Data[UserList]:
    """Users by prefix, the caller left out: the exact username first, then by username."""
    await services.limiter.require("search", actor.user_id)
    found = await db.read(users_by_prefix, reader_id=actor.user_id, query=query, limit=limit)
    return Data(data=UserList(users=found))


@router.get("/{user_id}", responses=refuses(UserNotFound))
async def one_user(user_id: PathId, actor: CurrentActor, db: Db) -> Data[User]:  # noqa: ARG001 - signed in is enough
    """Anybody."""
    return Data(data=await db.read(user, user_id=user_id))
