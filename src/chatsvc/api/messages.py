"""Sending and reading messages: section 4 of the contract."""

from collections import Counter
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import APIRouter, Query, Response
from pydantic import Field, TypeAdapter, ValidationError, WithJsonSchema

from chatsvc.api.direct import DirectRoute
from chatsvc.api.envelope import Data, ErrorBody, Success, error_body, problem_list
from chatsvc.api.inputs import Body, ClientMessageId, Content, PathId, QuerySeq, UpTo200, UuidText
from chatsvc.api.openapi import refuses
from chatsvc.api.routing import Route
from chatsvc.api.services import Actor, CurrentActor, Db, Services, Svc
from chatsvc.commands.send_messages import OutgoingMessage, Result, SendMessages, SentMessage, send_messages
from chatsvc.errors import (
    ChatError,
    ConversationNotFound,
    IdempotencyConflict,
    InvalidRequest,
    RateLimited,
    UserNotFound,
    invalid_field,
)
from chatsvc.queries.history import history
from chatsvc.resources import Message

router = APIRouter(prefix="/v1", tags=["messages"], route_class=Route)
direct = APIRouter(prefix="/v1", tags=["messages"], route_class=DirectRoute)
MAX_BATCH = 100


class NewMessage(Body):
    client_message_id: ClientMessageId
    content: Content


class BatchItem(NewMessage):
    conversation_id: UuidText


_ITEM = TypeAdapter(BatchItem)
_ITEM_SCHEMA = BatchItem.model_json_schema()


class Batch(Body):
    """Items are looked at one by one: a malformed one gets its own 422 and spoils no other."""

    messages: list[Annotated[Any, WithJsonSchema(_ITEM_SCHEMA)]] = Field(min_length=1, max_length=MAX_BATCH)


@dataclass(slots=True)
class MessagePage:
    messages: list[Message]
    has_more: bool


@dataclass(slots=True)
class BatchResult:
    status: int
    message: Message | None = None
    error: ErrorBody | None = None


@dataclass(slots=True)
class BatchResults:
    results: list[BatchResult]


_message: Success[Message] = Success(Message)
_page: Success[MessagePage] = Success(MessagePage)
_batch_results: Success[BatchResults] = Success(BatchResults, exclude_none=True)


@direct.post(
    "/conversations/{conversation_id}/messages",
    status_code=201,
    response_model=Data[Message],
    responses={
        200: {"model": Data[Message], "description": "It was sent before"},
        **refuses(ConversationNotFound, UserNotFound, IdempotencyConflict, RateLimited),
    },
)
async def send_message(conversation_id: PathId, body: NewMessage, actor: CurrentActor, services: Svc) -> Response:
    """Send a message: 201, or 200 with the same message when it was sent before."""
    outgoing = OutgoingMessage(str(conversation_id), body.client_message_id, body.content)
    (result,) = await _send(services, actor, [outgoing])
    if isinstance(result, ChatError):
        raise result
    return _message(result.message, _status(result))


@direct.post("/messages/batch", response_model=Data[BatchResults])
async def send_batch(body: Batch, actor: CurrentActor, services: Svc) -> Response:
    """The outbox of a phone that was offline: a result for each item, in order. Never 5xx for an item."""
    items = [_read_item(item, at) for at, item in enumerate(body.messages)]
    sent = iter(await _send(services, actor, [item for item in items if isinstance(item, OutgoingMessage)]))
    results = [item if isinstance(item, ChatError) else next(sent) for item in items]
    waits = [r.retry_after for r in results if isinstance(r, ChatError) and r.retry_after is not None]
    headers = {"Retry-After": str(max(waits))} if waits else None
    return _batch_results(BatchResults([_batch_result(result) for result in results]), headers=headers)


@router.get(
    "/conversations/{conversation_id}/messages",
    response_model=Data[MessagePage],
    responses=refuses(ConversationNotFound),
)
async def list_messages(
    conversation_id: PathId,
    actor: CurrentActor,
    db: Db,
    after_seq: Annotated[QuerySeq | None, Query()] = None,
    before_seq: Annotated[QuerySeq | None, Query()] = None,
    limit: Annotated[UpTo200, Query()] = 50,
) -> Response:
    """A page after `after_seq`, or the one just before `before_seq`; ascending either way."""
    if after_seq is not None and before_seq is not None:
        raise invalid_field("before_seq", "cannot be asked for together with after_seq")
    page = await db.read(
        history,
        reader_id=actor.user_id,
        conversation_id=conversation_id,
        after_seq=after_seq or 0,
        before_seq=before_seq,
        limit=limit,
    )
    return _page(MessagePage(page.messages, page.has_more))


async def _send(services: Services, actor: Actor, outgoing: list[OutgoingMessage]) -> tuple[Result, ...]:
    """Take an allowance for all, give back what replays and refusals did not need."""
    if not outgoing:
        return ()
    allowance = await services.limiter.take("send", actor.user_id, len(outgoing))
    created = 0
    try:
        unit = SendMessages(actor.user_id, tuple(outgoing), allowance.granted, allowance.retry_after)
        results = await services.db.execute_together(send_messages, unit)
        created = sum(isinstance(result, SentMessage) and result.created for result in results)
    finally:
        await services.limiter.give_back("send", actor.user_id, allowance.granted - created)
    if any(isinstance(result, RateLimited) for result in results):
        services.limiter.refused("send")
    for outcome, count in Counter(map(_outcome, results)).items():
        services.metrics.messages.labels(outcome).inc(count)
    return results


def _read_item(item: object, at: int) -> OutgoingMessage | InvalidRequest:
    try:
        read = _ITEM.validate_python(item)
    except ValidationError as error:
        return InvalidRequest(details=problem_list(error.errors(), ("messages", at)))
    return OutgoingMessage(read.conversation_id, read.client_message_id, read.content)


def _status(result: Result) -> int:
    if isinstance(result, ChatError):
        return result.status
    return 201 if result.created else 200


def _batch_result(result: Result) -> BatchResult:
    if isinstance(result, ChatError):
        return BatchResult(status=result.status, error=ErrorBody(**error_body(result)))
    return BatchResult(status=_status(result), message=result.message)


def _outcome(result: Result) -> str:
    if isinstance(result, ChatError):
        return result.code
    return "created" if result.created else "replayed"
