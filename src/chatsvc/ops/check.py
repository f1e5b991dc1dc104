"""Are the promises of section 4 of the contract true of this database?"""

from dataclasses import dataclass

from chatsvc.db import ReadSession, Statement
from chatsvc.ops.progress import Progress

_SHOWN = 5

# Each statement gives the ids of what breaks its promise. The database's own constraints are checked again: a file may
# have been mended by hand, or written with foreign keys off.
_BREACHES = {
    "a conversation has no counter": """
        SELECT c.id FROM conversations AS c
        LEFT JOIN conversation_counters AS k ON k.conversation_id = c.id WHERE k.conversation_id IS NULL
    """,
    "seqs are not 1, 2, 3 … up to the counter": """
        SELECT k.conversation_id AS id FROM conversation_counters AS k
        LEFT JOIN (
            SELECT conversation_id, count(*) AS total, min(seq) AS lowest, max(seq) AS highest,
                count(DISTINCT seq) AS distinct_seqs
            FROM messages GROUP BY conversation_id
        ) AS m ON m.conversation_id = k.conversation_id
        WHERE coalesce(m.total, 0) <> k.next_seq - 1 OR coalesce(m.distinct_seqs, 0) <> k.next_seq - 1
            OR coalesce(m.lowest, 1) <> 1 OR coalesce(m.highest, 0) <> k.next_seq - 1
    """,
    "messages belong to no conversation": """
        SELECT m.id FROM messages AS m LEFT JOIN conversations AS c ON c.id = m.conversation_id WHERE c.id IS NULL
    """,
    "one client_message_id of a sender names several messages": """
        SELECT min(CAST(id AS text)) AS id FROM messages GROUP BY sender_id, client_message_id HAVING count(*) > 1
    """,
    "a sender is not a member": """
        SELECT m.id FROM messages AS m
        LEFT JOIN conversation_members AS p ON p.conversation_id = m.conversation_id AND p.user_id = m.sender_id
        WHERE p.user_id IS NULL
    """,
    "times go back within a conversation": """
        SELECT later.id FROM messages AS later
        JOIN messages AS earlier ON earlier.conversation_id = later.conversation_id AND earlier.seq = later.seq - 1
        WHERE later.created_at < earlier.created_at
    """,
    "preview or activity is not that of the newest message": """
        SELECT c.id FROM conversations AS c
        JOIN conversation_counters AS k ON k.conversation_id = c.id
        LEFT JOIN messages AS m ON m.conversation_id = c.id AND m.seq = k.next_seq - 1
        WHERE c.updated_at <> coalesce(m.created_at, c.created_at)
            OR coalesce(c.last_message_at, c.created_at) <> coalesce(m.created_at, c.created_at)
            OR coalesce(c.last_message_preview, '') <> coalesce(substr(m.content, 1, 120), '')
    """,
    "a direct conversation does not have its two members": """
        SELECT c.id FROM conversations AS c
        LEFT JOIN conversation_members AS m ON m.conversation_id = c.id
        WHERE c.type = 'direct' GROUP BY c.id, c.direct_key
        HAVING count(m.user_id) <> 2
            OR c.direct_key <> min(CAST(m.user_id AS text)) || ':' || max(CAST(m.user_id AS text))
    """,
    "a conversation is not closed exactly while one of its members is disabled": """
        SELECT c.id FROM conversations AS c
        WHERE (c.closed_at IS NOT NULL) <> EXISTS (
            SELECT 1 FROM conversation_members AS m JOIN users AS u ON u.id = m.user_id
            WHERE m.conversation_id = c.id AND u.disabled_at IS NOT NULL
        )
    """,
    "a disabled user has a live session": """
        SELECT s.id FROM sessions AS s JOIN users AS u ON u.id = s.user_id
        WHERE u.disabled_at IS NOT NULL AND s.ended_at IS NULL
    """,
    "a refresh token belongs to no session": """
        SELECT t.id FROM refresh_tokens AS t LEFT JOIN sessions AS s ON s.id = t.session_id WHERE s.id IS NULL
    """,
    "a session belongs to no user": """
        SELECT s.id FROM sessions AS s LEFT JOIN users AS u ON u.id = s.user_id WHERE u.id IS NULL
    """,
}
_STATEMENTS = {promise: Statement(sql) for promise, sql in _BREACHES.items()}
_EPOCHS = Statement("SELECT sync_epoch FROM service_state")
_COUNTS = Statement(
    "SELECT (SELECT count(*) FROM users) AS users, (SELECT count(*) FROM conversations) AS conversations, "
    "(SELECT count(*) FROM messages) AS messages"
)


@dataclass(frozen=True, slots=True)
class Breach:
    """A promise that does not hold: how often, and the ids of the first few."""

    promise: str
    count: int
    examples: list[str]


@dataclass(frozen=True, slots=True)
class Report:
    users: int
    conversations: int
    messages: int
    breaches: list[Breach]


async def check(session: ReadSession, *, progress: Progress | None = None) -> Report:
    """Look at everything, in one snapshot: the service may run meanwhile. Reads whole tables."""
    if progress:
        progress.start("checking", len(_STATEMENTS))
    (counts,) = await session.rows(_COUNTS)
    breaches = []
    for promise, statement in _STATEMENTS.items():
        if found := await session.rows(statement):
            breaches.append(Breach(promise, len(found), [str(row.id) for row in found[:_SHOWN]]))
        if progress:
            progress.advance(1)
    if len(await session.rows(_EPOCHS)) != 1:
        breaches.append(Breach("the database has one sync epoch", 1, []))
    return Report(counts.users, counts.conversations, counts.messages, breaches)
