"""The table that docs/scaling.md proposes for many nodes, made here to be measured: who owns a key, by sender.

Where messages are spread by conversation, UNIQUE (sender_id, client_message_id) has no node that could hold it. A row
of this table is written first, on the sender's node, and says for ever to which conversation a key belongs.
"""

from collections.abc import Sequence

import asyncpg

from chatsvc.db import Statement, Tx

_TABLE = """
    CREATE TABLE message_keys (
        sender_id uuid NOT NULL, client_message_id text COLLATE "C" NOT NULL, conversation_id uuid NOT NULL,
        PRIMARY KEY (sender_id, client_message_id)
    )
"""
_RESERVE = Statement(
    """
    INSERT INTO message_keys (sender_id, client_message_id, conversation_id)
    SELECT k.sender_id, k.client_message_id, k.conversation_id FROM {keys} AS k WHERE true
    ON CONFLICT (sender_id, client_message_id) DO NOTHING
    RETURNING client_message_id
    """,
    rows={"keys": {"sender_id": "uuid", "client_message_id": "text", "conversation_id": "uuid"}},
)

Key = tuple[str, str, str]
"""Sender, client_message_id, conversation."""


async def make_table(url: str) -> None:
    connection = await asyncpg.connect(url)
    try:
        await connection.execute(_TABLE)
    finally:
        await connection.close()


async def reserve_keys(tx: Tx, keys: Sequence[Key]) -> int:
    """How many were new. In sorted order, as `send_messages` inserts: nobody waits for a key in another order."""
    return len(await tx.rows(_RESERVE, keys=sorted(keys)))
