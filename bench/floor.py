"""The floor: what FastAPI costs when it checks a token and a body and answers, with no database behind it.

Written as a good FastAPI programmer would: no middleware, async dependencies, a key made once, response models.
"""

from datetime import UTC, datetime
from typing import Annotated
from uuid import UUID

from fastapi import Depends, FastAPI, HTTPException
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from jose import JWTError, jwk, jwt
from pydantic import BaseModel, Field, StringConstraints

from chatsvc.ids import new_id
from chatsvc.security.keys import parse_keys

READY_MADE = 50
_ALGORITHM, _NAME = "HS256", "chatsvc"


class NewMessage(BaseModel):
    client_message_id: Annotated[str, StringConstraints(pattern=r"^[!-~]{1,64}$")]
    content: Annotated[str, StringConstraints(min_length=1, max_length=4_000)]


class Message(BaseModel):
    id: UUID
    conversation_id: UUID
    sender_id: UUID
    client_message_id: str
    seq: int
    content: str
    created_at: datetime


class MessageAnswer(BaseModel):
    data: Message


class Held(BaseModel):
    after_seq_by_conversation: dict[UUID, Annotated[int, Field(ge=0)]]


class Messages(BaseModel):
    messages: list[Message]


class MessagesAnswer(BaseModel):
    data: Messages


class TokenCheck:
    """Whose token it is. The same algorithm, issuer and audience as the service's."""

    def __init__(self, jwt_keys: str) -> None:
        ((_, secret),) = parse_keys(jwt_keys).pairs
        self._key = jwk.construct(secret, _ALGORITHM)

    async def __call__(self, credentials: Annotated[HTTPAuthorizationCredentials, Depends(HTTPBearer())]) -> UUID:
        try:
            claims = jwt.decode(
                credentials.credentials, self._key, algorithms=[_ALGORITHM], audience=_NAME, issuer=_NAME
            )
        except JWTError as error:
            raise HTTPException(401) from error
        return UUID(claims["sub"])


def create_floor(jwt_keys: str) -> FastAPI:
    """Two endpoints, with the paths of the service."""
    app = FastAPI()
    check = TokenCheck(jwt_keys)
    ready = [
        _message(UUID(int=at), UUID(int=0), f"ready-{at}", "A message that is answered.") for at in range(READY_MADE)
    ]

    @app.post("/v1/conversations/{conversation_id}/messages", status_code=201)
    async def send(conversation_id: UUID, body: NewMessage, user: Annotated[UUID, Depends(check)]) -> MessageAnswer:
        return MessageAnswer(data=_message(conversation_id, user, body.client_message_id, body.content))

    @app.post("/v1/sync/changes")
    async def changes(body: Held, user: Annotated[UUID, Depends(check)]) -> MessagesAnswer:  # noqa: ARG001
        return MessagesAnswer(data=Messages(messages=ready))

    return app


def _message(conversation_id: UUID, sender_id: UUID, key: str, content: str) -> Message:
    return Message(
        id=new_id(),
        conversation_id=conversation_id,
        sender_id=sender_id,
        client_message_id=key,
        seq=1,
        content=content,
        created_at=datetime.now(UTC),
    )
