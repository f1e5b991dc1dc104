"""Users: section 3 of the contract."""

from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel

from chatsvc.api.envelope import Data
from chatsvc.api.inputs import Body, Name, PathId, SearchText, UpTo50
from chatsvc.api.openapi import refuses
from chatsvc.api.routing import Route
from chatsvc.api.services import CurrentActor, Db, Svc
from chatsvc.commands.update_profile import UpdateProfile, update_profile
from chatsvc.errors import RateLimited, UserNotFound
from chatsvc.queries.users import user, users_by_prefix
from chatsvc.resources import User

router = APIRouter(prefix="/v1/users", tags=["users"], route_class=Route)


class Profile(Body):
    display_name: Name | None = None


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
