"""Deleting somebody: what they wrote stays readable to the others, under a name that tells nothing.

All else that is held of them goes, at once: names, password, sessions, tokens, the audit log, and what they wrote to
people who are all deleted too. Their username is free again.
"""

from dataclasses import dataclass
from secrets import token_hex
from uuid import UUID

from chatsvc.commands.accounts import close_or_open_conversations, end_every_session
from chatsvc.commands.audit import Origin, record
from chatsvc.db import Statement, Tx
from chatsvc.errors import TryAgain

TOMBSTONE = "Deleted user"
_IDS = {"ids": {"id": "uuid"}}
_OF_NOBODY = Statement(
    """
    SELECT {id:m.conversation_id} AS id FROM conversation_members AS m
    WHERE m.user_id = :user_id AND NOT EXISTS (
        SELECT 1 FROM conversation_members AS o JOIN users AS u ON u.id = o.user_id
        WHERE o.conversation_id = m.conversation_id AND u.deleted_at IS NULL
    )
    """,
    parameters={"user_id": "uuid"},
)
_CONVERSATIONS = [
    Statement(f"DELETE FROM {table} WHERE {column} IN (SELECT i.id FROM {{ids}} AS i)", rows=_IDS)
    for table, column in (
        ("messages", "conversation_id"),
        ("conversation_members", "conversation_id"),
        ("conversation_counters", "conversation_id"),
        ("conversations", "id"),
    )
]
_OWN = [
    Statement(sql, parameters={"user_id": "uuid"})
    for sql in (
        "DELETE FROM refresh_tokens WHERE session_id IN (SELECT s.id FROM sessions AS s WHERE s.user_id = :user_id)",
        "DELETE FROM sessions WHERE user_id = :user_id",
        "DELETE FROM auth_events WHERE user_id = :user_id",
    )
]
# By the index on (user_id, at): of all entries these are few.
_TYPED = Statement("DELETE FROM auth_events WHERE user_id IS NULL AND username = :username")


@dataclass(frozen=True, slots=True)
class DeleteUser:
    """`verified_hash` is what the person's password was compared with; None when an operator does it."""

    user_id: UUID
    verified_hash: str | None
    origin: Origin


async def delete_user(tx: Tx, command: DeleteUser) -> bool:
    """Whether it changed anything. Raises UserNotFound, and TryAgain if the stored hash is another by now."""
    user = await end_every_session(tx, command.user_id, "deleted")
    if user.deleted_at is not None:
        return False
    if command.verified_hash not in (None, user.password_hash):
        raise TryAgain
    user.deleted_at = tx.now
    user.disabled_at = user.disabled_at or tx.now
    await close_or_open_conversations(tx, user)
    await _forget_conversations(tx, user.id)
    for statement in _OWN:
        await tx.rows(statement, user_id=user.id)
    await tx.rows(_TYPED, username=user.username)
    # Last of all: a name is part of a key, so changing it waits for whoever is adding rows that point here. They hold
    # the locks that were taken before.
    user.username, user.display_name, user.display_name_folded = f"deleted-{token_hex(12)}", TOMBSTONE, ""
    user.password_hash = "-"  # noqa: S105 - no password fits
    user.updated_at = max(tx.now, user.updated_at)
    record(tx, "delete", "ok", Origin(request_id=command.origin.request_id), user_id=user.id)
    return True


async def _forget_conversations(tx: Tx, user_id: UUID) -> None:
    """Those that nobody can read any more."""
    ids = [(row.id,) for row in await tx.rows(_OF_NOBODY, user_id=user_id)]
    if ids:
        for statement in _CONVERSATIONS:
            await tx.rows(statement, ids=ids)
