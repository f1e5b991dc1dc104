"""Conversations: section 4 of the contract."""

from typing import Annotated

from fastapi import APIRouter, Query, Response
from pydantic import BaseModel

from chatsvc.api.envelope import Data
from chatsvc.api.inputs import Body, Cursor, UpTo200, Uuid
from chatsvc.api.openapi import refuses
from chatsvc.api.routing import Route
from chatsvc.api.services import CurrentActor, Db, Svc
from chatsvc.commands.open_direct import OpenDirect, open_direct
from chatsvc.errors import CannotMessageSelf, RateLimited, UserNotFound
from chatsvc.queries.conversations import conversation, conversations
from chatsvc.resources import Conversation

router = APIRouter(prefix="/v1/conversations", tags=["conversations"], route_class=Route)


class DirectRequest(Body):
    other_user_id: Uuid


class ConversationList(BaseModel):
    conversations: list[Conversation]
    next_cursor: str | None


@router.get("")
async def list_conversations(
    actor: CurrentActor,
    db: Db,
    limit: Annotated[UpTo200, Query()] = 50,
    cursor: Annotated[Cursor | None, Query()] = None,
) -> Data[ConversationList]:
    """One's conversations, newest activity first."""
    page = await db.read(conversations, reader_id=actor.user_id, limit=limit, cursor=cursor)
    return Data(data=ConversationList(conversations=page.conversations, next_cursor=page.next_cursor))


@router.post(
    "/direct",
    status_code=201,
    responses={
        200: {"model": Data[Conversation], "description": "There was one"},
        **refuses(UserNotFound, CannotMessageSelf, RateLimited),
    },
)
async def open_direct_conversation(
    body: DirectRequest, actor: CurrentActor, services: Svc, db: Db, response: Response
) -> Data[Conversation]:
    """The conversation with somebody: 201 with a new one, 200 with the one there is."""
    allowance = await services.limiter.take("open", actor.user_id)
    created = False
    try:
        opened = await db.execute(open_direct, OpenDirect(actor.user_id, body.other_user_id, allowance.retry_after))
        created = opened.created
    except RateLimited:
        services.limiter.refused("open")
        raise
    finally:
        await services.limiter.give_back("open", actor.user_id, 0 if created else allowance.granted)
    response.status_code = 201 if created else 200
    found = await db.read_primary(conversation, reader_id=actor.user_id, conversation_id=opened.conversation_id)
    return Data(data=found)
