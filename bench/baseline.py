"""The plain baseline: sending as one usually writes it with FastAPI and SQLModel.

An ORM session and a transaction for each request, over the service's own tables, as durable as the service, with the
same promises: membership, a message once for its key, a seq under the counter's lock.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import Depends, FastAPI, HTTPException, Response
from sqlalchemy import URL, Connection, event
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from bench.floor import Message as MessageOut
from bench.floor import MessageAnswer, NewMessage, TokenCheck
from chatsvc.db.urls import parse_database_url
from chatsvc.ids import new_id
from chatsvc.tables import Conversation, ConversationCounter, ConversationMember, Message

_PATIENCE_SECONDS = 30


def create_baseline(jwt_keys: str, database_url: str) -> FastAPI:
    check, engine = TokenCheck(jwt_keys), make_engine(database_url)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        yield
        await engine.dispose()

    app = FastAPI(lifespan=lifespan)

    async def session() -> AsyncIterator[AsyncSession]:
        async with AsyncSession(engine, expire_on_commit=False) as opened:
            yield opened

    @app.post("/v1/conversations/{conversation_id}/messages", status_code=201)
    async def send(
        conversation_id: UUID,
        body: NewMessage,
        response: Response,
        user: Annotated[UUID, Depends(check)],
        session: Annotated[AsyncSession, Depends(session)],
    ) -> MessageAnswer:
        message, created = await _send(session, user, conversation_id, body)
        response.status_code = 201 if created else 200
        return MessageAnswer(data=MessageOut.model_validate(message, from_attributes=True))

    return app


async def _send(
    session: AsyncSession, sender_id: UUID, conversation_id: UUID, body: NewMessage
) -> tuple[Message, bool]:
    if await session.get(ConversationMember, (conversation_id, sender_id)) is None:
        raise HTTPException(404)
    counter = select(ConversationCounter).where(col(ConversationCounter.conversation_id) == conversation_id)
    locked = (await session.exec(counter.with_for_update())).one()
    known = select(Message).where(
        col(Message.sender_id) == sender_id, col(Message.client_message_id) == body.client_message_id
    )
    if (stored := (await session.exec(known)).first()) is not None:
        return stored, False
    now = datetime.now(UTC)
    message = Message(
        id=new_id(), conversation_id=conversation_id, sender_id=sender_id, seq=locked.next_seq, created_at=now,
        **body.model_dump(),
    )  # fmt: skip
    locked.next_seq += 1
    conversation = (await session.exec(select(Conversation).where(col(Conversation.id) == conversation_id))).one()
    conversation.updated_at = conversation.last_message_at = now
    conversation.last_message_preview = body.content[:120]
    session.add(message)
    await session.commit()
    await session.refresh(message)
    return message, True


def make_engine(database_url: str) -> AsyncEngine:
    """As durable as the service's: SQLite syncs its log at each commit, Postgres by its own setting."""
    place = parse_database_url(database_url)
    if place.path is None:
        url = place.dsn.replace("postgresql://", "postgresql+asyncpg://")
        return create_async_engine(url, pool_size=10, max_overflow=0, pool_timeout=_PATIENCE_SECONDS)
    engine = create_async_engine(
        URL.create("sqlite+aiosqlite", database=str(place.path)),
        connect_args={"isolation_level": None},
        pool_size=1,  # SQLite has one writer: whoever waits for it here is served in order, and not by polling
        max_overflow=0,
        pool_timeout=_PATIENCE_SECONDS,
    )

    @event.listens_for(engine.sync_engine, "connect")
    def _set_pragmas(connection: Any, _record: object) -> None:
        cursor = connection.cursor()
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "busy_timeout=5000"):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    @event.listens_for(engine.sync_engine, "begin")
    def _begin(connection: Connection) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE")

    return engine
