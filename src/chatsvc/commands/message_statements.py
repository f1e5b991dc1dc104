"""The statements of `send_messages`: three trips to the database, however many messages there are."""

from chatsvc.db import Statement, Together

# Strangers never lock. Not `UPDATE … WHERE id IN (…)`, which locks in the order of its plan.
LOCK_COUNTERS = Statement(
    """
    SELECT {id:c.conversation_id} AS conversation_id, c.next_seq FROM conversation_counters AS c
    WHERE c.conversation_id IN (
        SELECT m.conversation_id FROM {pairs} AS p
        JOIN conversation_members AS m ON m.conversation_id = p.conversation_id AND m.user_id = p.user_id
    )
    ORDER BY c.conversation_id {lock:c}
    """,
    rows={"pairs": {"user_id": "uuid", "conversation_id": "uuid"}},
)

# Who may send where, again, under the lock: who changes a conversation's members takes its counter first. And what is
# stored under each key. A statement of its own, and so a fresh snapshot: the lock's misses what the lock waited for.
LOOK = Statement(
    """
    SELECT i.place, {time:c.updated_at} AS latest, c.closed_at IS NOT NULL AS closed,
        {id:s.id} AS id, {id:s.conversation_id} AS conversation_id, {id:s.sender_id} AS sender_id,
        s.client_message_id, s.seq, s.content, {time:s.created_at} AS created_at
    FROM {items} AS i
    LEFT JOIN conversation_members AS m ON m.conversation_id = i.conversation_id AND m.user_id = i.sender_id
    LEFT JOIN conversations AS c ON c.id = m.conversation_id
    LEFT JOIN messages AS s ON s.sender_id = i.sender_id AND s.client_message_id = i.client_message_id
    """,
    rows={
        "items": {"place": "bigint", "sender_id": "uuid", "conversation_id": "uuid", "client_message_id": "text"},
    },
)

# The conflict's target is always named: a bare DO NOTHING would swallow a collision of (conversation, seq).
INSERT_MESSAGES = Statement(
    """
    INSERT INTO messages (id, conversation_id, sender_id, client_message_id, seq, content, created_at)
    {values:messages}
    ON CONFLICT (sender_id, client_message_id) DO NOTHING
    RETURNING id
    """,
    rows={
        "messages": {
            "id": "uuid",
            "conversation_id": "uuid",
            "sender_id": "uuid",
            "client_message_id": "text",
            "seq": "bigint",
            "content": "text",
            "created_at": "timestamptz",
        }
    },
)

BUMP_COUNTERS = Statement(
    """
    UPDATE conversation_counters SET next_seq = n.next_seq FROM {counters} AS n
    WHERE conversation_counters.conversation_id = n.conversation_id
    AND conversation_counters.next_seq = n.first_seq
    RETURNING conversation_counters.conversation_id
    """,
    rows={"counters": {"conversation_id": "uuid", "first_seq": "bigint", "next_seq": "bigint"}},
)

UPDATE_CONVERSATIONS = Statement(
    """
    UPDATE conversations
    SET last_message_preview = n.preview, last_message_at = n.latest, updated_at = n.latest
    FROM {conversations} AS n
    WHERE conversations.id = n.conversation_id
    RETURNING conversations.id
    """,
    rows={"conversations": {"conversation_id": "uuid", "preview": "text", "latest": "timestamptz"}},
)

WRITE = Together(inserted=INSERT_MESSAGES, bumped=BUMP_COUNTERS, shown=UPDATE_CONVERSATIONS)
