"""Opaque cursors of pages that run by latest activity. They carry no authority: what they name is checked again."""

import base64
import json
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from chatsvc.column_types import wire_time
from chatsvc.errors import InvalidRequest, invalid_field


@dataclass(frozen=True, slots=True)
class ActivityCursor:
    """The last conversation of a page, by time of activity and id; a bootstrap's cursor carries the epoch too."""

    updated_at: datetime
    conversation_id: UUID
    sync_epoch: UUID | None = None


def encode_cursor(cursor: ActivityCursor) -> str:
    fields = [wire_time(cursor.updated_at), str(cursor.conversation_id)]
    if cursor.sync_epoch is not None:
        fields.append(str(cursor.sync_epoch))
    return base64.urlsafe_b64encode(json.dumps(fields).encode()).rstrip(b"=").decode()


def decode_cursor(text: str, *, with_epoch: bool) -> ActivityCursor:
    """Raises InvalidRequest for what `encode_cursor` did not make."""
    try:
        padded = text.encode("ascii") + b"=" * (-len(text) % 4)
        fields = json.loads(base64.b64decode(padded, altchars=b"-_", validate=True))
        moment, conversation_id, *rest = (str(item) for item in fields)
        epoch = rest[0] if rest else None
        cursor = ActivityCursor(
            datetime.fromisoformat(moment), UUID(conversation_id), None if epoch is None else UUID(epoch)
        )
        again = encode_cursor(cursor)  # a moment at the edge of the calendar may have no form in UTC
    except (ValueError, TypeError, RecursionError, OverflowError) as error:
        raise _refused() from error
    if again != text or (cursor.sync_epoch is not None) != with_epoch:
        raise _refused()
    return cursor


def _refused() -> InvalidRequest:
    return invalid_field("cursor", "is not a cursor of this list")
