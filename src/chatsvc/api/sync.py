"""Sync: section 5 of the contract."""

import json
import re
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query
from pydantic import (
    BeforeValidator,
    Field,
    TypeAdapter,
    ValidationError,
    ValidatorFunctionWrapHandler,
    WrapValidator,
)
from pydantic_core import PydanticCustomError
from starlette.responses import Response

from chatsvc.api.direct import DirectRoute
from chatsvc.api.envelope import CUSTOM, Data, Success, problem_list
from chatsvc.api.inputs import (
    MAX_INTEGER,
    Body,
    Cursor,
    Flag,
    Seq,
    Text,
    UpTo100,
    UpTo200,
    UpTo500,
    UuidText,
)
from chatsvc.api.openapi import refuses
from chatsvc.api.routing import Route, read_json
from chatsvc.api.services import CurrentActor, Db, Svc
from chatsvc.errors import InvalidRequest, PayloadTooLarge, SyncEpochChanged, UserNotFound, invalid_field
from chatsvc.queries.bootstrap import bootstrap
from chatsvc.queries.changes import Poll, changes
from chatsvc.queries.sync_items import Bootstrap, Changes

router = APIRouter(prefix="/v1/sync", tags=["sync"], route_class=Route)
direct = APIRouter(prefix="/v1/sync", tags=["sync"], route_class=DirectRoute)

MAX_ENTRIES = 5_000
DEFAULT_LIMIT, DEFAULT_SNAPSHOT = 200, 20
MAX_QUERY_MAP_BYTES = 8 * 1024
_ID = "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
_LOWER_CASE_IDS = re.compile(f"(?:{_ID} )*{_ID}", re.ASCII)
_FIELD = "after_seq_by_conversation"


def _as_text(entries: object, read: ValidatorFunctionWrapHandler) -> dict[str, int]:
    """Ids in lower case. Too long a map is refused before its entries are read; one that names a conversation twice is
    ambiguous. What the service itself gave out comes back unchanged and is taken as it is."""
    count = len(entries) if isinstance(entries, dict) else 0
    if count > MAX_ENTRIES:
        raise PayloadTooLarge(details={"max_entries": MAX_ENTRIES})
    if isinstance(entries, dict) and _is_ours(entries):
        return entries
    cursors: dict[str, int] = read(entries)
    if len(cursors) < count:
        raise PydanticCustomError(CUSTOM, "names a conversation twice")
    return cursors


def _is_ours(entries: dict[str, Any]) -> bool:
    seqs = entries.values()
    if set(map(type, seqs)) != {int} or min(seqs) < 0 or max(seqs) > MAX_INTEGER:
        return False
    text = " ".join(entries)  # its length tells that no key was two
    return len(text) == 37 * len(entries) - 1 and _LOWER_CASE_IDS.fullmatch(text) is not None


def _within_a_url(text: object) -> object:
    """Looked at before everything else: 413 comes before 422."""
    if isinstance(text, str) and len(text.encode()) > MAX_QUERY_MAP_BYTES:
        raise PayloadTooLarge(details={"max_bytes": MAX_QUERY_MAP_BYTES})
    return text


_MapText = Annotated[Text, BeforeValidator(_within_a_url)]
_Cursors = Annotated[dict[UuidText, Seq], WrapValidator(_as_text)]
_CURSORS: TypeAdapter[dict[str, int]] = TypeAdapter(_Cursors)
_CURSORS_AS_TEXT: dict[str, Any] = {"contentMediaType": "application/json", "contentSchema": _CURSORS.json_schema()}


class ChangesRequest(Body):
    """The seqs that the client holds, by conversation. With `joined` false, only these are looked at."""

    sync_epoch: UuidText | None = None
    after_seq_by_conversation: _Cursors
    limit: Annotated[int, Field(strict=True, ge=1, le=500)] | None = None
    messages_per_conversation: Annotated[int, Field(strict=True, ge=1, le=100)] | None = None
    joined: Annotated[bool, Field(strict=True)] | None = None


_told: Success[Changes] = Success(Changes)
_begun: Success[Bootstrap] = Success(Bootstrap)


@router.get("/bootstrap", response_model=Data[Bootstrap], responses=refuses(SyncEpochChanged, UserNotFound))
async def get_bootstrap(
    actor: CurrentActor,
    db: Db,
    limit: Annotated[UpTo200, Query()] = 50,
    messages_per_conversation: Annotated[UpTo100, Query()] = DEFAULT_SNAPSHOT,
    cursor: Annotated[Cursor | None, Query()] = None,
) -> Response:
    """Everything to begin with, a consistent page at a time, latest activity first."""
    page = await db.read(
        bootstrap,
        reader_id=actor.user_id,
        limit=limit,
        messages_per_conversation=messages_per_conversation,
        cursor=cursor,
    )
    return _begun(page)


@direct.post("/changes", response_model=Data[Changes], responses=refuses(SyncEpochChanged))
async def post_changes(body: ChangesRequest, actor: CurrentActor, services: Svc) -> Response:
    """What is new since the seqs that the client holds, in one snapshot."""
    return _told(await _changes(services.db, actor.user_id, body))


@router.get("/changes", response_model=Data[Changes], responses=refuses(SyncEpochChanged))
async def get_changes(
    actor: CurrentActor,
    db: Db,
    after_seq_by_conversation: Annotated[
        _MapText, Query(description="a JSON object of at most 8 KiB: id to seq", json_schema_extra=_CURSORS_AS_TEXT)
    ],
    sync_epoch: Annotated[UuidText | None, Query()] = None,
    limit: Annotated[UpTo500, Query()] = DEFAULT_LIMIT,
    messages_per_conversation: Annotated[UpTo100, Query()] = DEFAULT_SNAPSHOT,
    joined: Annotated[Flag, Query()] = True,
) -> Response:
    """The same as the POST, for maps that fit into a URL."""
    request = ChangesRequest.model_construct(
        sync_epoch=sync_epoch,
        after_seq_by_conversation=_read_map(after_seq_by_conversation),
        limit=limit,
        messages_per_conversation=messages_per_conversation,
        joined=joined,
    )
    return _told(await _changes(db, actor.user_id, request))


async def _changes(db: Db, reader_id: UUID, request: ChangesRequest) -> Changes:
    poll = Poll(
        reader_id=reader_id,
        sync_epoch=request.sync_epoch,
        after_seq_by_conversation=request.after_seq_by_conversation,
        limit=request.limit or DEFAULT_LIMIT,
        messages_per_conversation=request.messages_per_conversation or DEFAULT_SNAPSHOT,
        joined=request.joined is not False,
    )
    return await db.read_together(changes, poll)


def _read_map(text: str) -> dict[str, int]:
    try:
        return _CURSORS.validate_python(read_json(text.encode()))
    except json.JSONDecodeError:
        raise invalid_field(_FIELD, "is not JSON") from None
    except ValidationError as error:
        raise InvalidRequest(details=problem_list(error.errors(), (_FIELD,))) from None
