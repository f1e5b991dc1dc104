"""The newest seq of each conversation of a reader, and where a client holds another one."""

import json
from collections.abc import Iterable, Mapping
from uuid import UUID

from chatsvc.db import ReadSession, Statement
from chatsvc.resources import WireId

# The heads of each reader as one JSON object: a row for each conversation would cost more to fetch than to find. From
# two indexes; whether something is new is told without a look at conversations or messages.
_HEADS = Statement(
    """
    SELECT (SELECT {id:sync_epoch} FROM service_state) AS sync_epoch, {id:r.id} AS id, (
        SELECT {object:m.conversation_id, n.next_seq - 1}
        FROM conversation_members AS m
        JOIN conversation_counters AS n ON n.conversation_id = m.conversation_id
        WHERE m.user_id = r.id
    ) AS heads
    FROM {readers} AS r
    """,
    rows={"readers": {"id": "uuid"}},
)

Difference = tuple[WireId, int | None, int | None]
"""A conversation, the client's seq of it, its head; None for what the other side does not have."""


async def heads_of(session: ReadSession, readers: Iterable[UUID]) -> tuple[str, dict[str, dict[str, int]]]:
    """The epoch, and for each reader the newest seq of each conversation: one statement."""
    asked = [(reader,) for reader in dict.fromkeys(map(str, readers))]
    rows = await session.rows(_HEADS, readers=asked)
    return rows[0].sync_epoch, {row.id: json.loads(row.heads or "{}") for row in rows}


def differences(held: Mapping[WireId, int], heads: Mapping[WireId, int], *, joined: bool) -> list[Difference]:
    """Where what the client holds is not the head; with `joined` also what it does not hold at all."""
    if held == heads:
        return []
    found: list[Difference] = []
    for conversation_id, after_seq in held.items():
        head_seq = heads.get(conversation_id)
        if head_seq != after_seq:
            found.append((conversation_id, after_seq, head_seq))
    if joined:
        found += [(key, None, head) for key, head in heads.items() if key not in held]
    return found
