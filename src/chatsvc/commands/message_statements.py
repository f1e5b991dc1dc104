"""The statements of `send_messages`: six, however many messages there are."""

from chatsvc.db import Statement, kinds_of
from chatsvc.tables import Message

_MESSAGE = kinds_of(Message)
_PAIRS = {"pairs": {"user_id": "uuid", "conversation_id": "uuid"}}

# Strangers never lock. Not `UPDATE … WHERE id IN (…)`, which locks in the order of its plan.
LOCK_COUNTERS = Statement(
    """
    SELECT c.conversation_id, c.next_seq FROM conversation_counters AS c
    WHERE c.conversation_id IN (
        SELECT m.conversation_id FROM {pairs} AS p
        JOIN conversation_members AS m ON m.conversation_id = p.conversation_id AND m.user_id = p.user_id
    )
    ORDER BY c.conversation_id {lock:c}
    """,
    rows=_PAIRS,
    columns={"conversation_id": "uuid", "next_seq": "bigint"},
)

FIND_STORED = Statement(
    """
    SELECT m.id, m.conversation_id, m.sender_id, m.client_message_id, m.seq, m.content, m.created_at
    FROM {keys} AS k
    JOIN messages AS m ON m.sender_id = k.sender_id AND m.client_message_id = k.client_message_id
    """,
    rows={"keys": {"sender_id": "uuid", "client_message_id": "text"}},
    columns=_MESSAGE,
)

# Again, under the lock: who changes a conversation's members takes its counter first.
FIND_MEMBERS = Statement(
    """
    SELECT m.user_id, m.conversation_id, c.updated_at
    FROM {pairs} AS p
    JOIN conversation_members AS m ON m.conversation_id = p.conversation_id AND m.user_id = p.user_id
    JOIN conversations AS c ON c.id = m.conversation_id
    """,
    rows=_PAIRS,
    columns={"user_id": "uuid", "conversation_id": "uuid", "updated_at": "timestamptz"},
)

# The conflict's target is always named: a bare DO NOTHING would swallow a collision of (conversation, seq).
INSERT_MESSAGES = Statement(
    """
    INSERT INTO messages (id, conversation_id, sender_id, client_message_id, seq, content, created_at)
    SELECT id, conversation_id, sender_id, client_message_id, seq, content, created_at FROM {messages} AS n WHERE true
    ON CONFLICT (sender_id, client_message_id) DO NOTHING
    RETURNING id
    """,
    rows={"messages": _MESSAGE},
    columns={"id": "uuid"},
)

BUMP_COUNTERS = Statement(
    """
    UPDATE conversation_counters SET next_seq = n.next_seq FROM {counters} AS n
    WHERE conversation_counters.conversation_id = n.conversation_id
    AND conversation_counters.next_seq = n.first_seq
    RETURNING conversation_counters.conversation_id
    """,
    rows={"counters": {"conversation_id": "uuid", "first_seq": "bigint", "next_seq": "bigint"}},
    columns={"conversation_id": "uuid"},
)

UPDATE_CONVERSATIONS = Statement(
    """
    UPDATE conversations
    SET last_message_preview = n.preview, last_message_at = n.latest, updated_at = n.latest
    FROM {conversations} AS n
    WHERE conversations.id = n.conversation_id
    """,
    rows={"conversations": {"conversation_id": "uuid", "preview": "text", "latest": "timestamptz"}},
)
