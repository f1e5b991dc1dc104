"""Entries of the audit log, written in the transaction of what they tell."""

from dataclasses import dataclass
from uuid import UUID

from chatsvc.db import Tx
from chatsvc.ids import new_id
from chatsvc.tables import AuthEvent


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a request came from: the client's address and the request's id."""

    ip: str | None = None
    request_id: str | None = None


def record(
    tx: Tx,
    event: str,
    outcome: str,
    origin: Origin,
    *,
    user_id: UUID | None = None,
    session_id: UUID | None = None,
    username: str | None = None,
) -> None:
    """Add one entry. No secrets; a `username` that was typed is cut, because people type passwords there."""
    tx.session.add(
        AuthEvent(
            id=new_id(),
            at=tx.now,
            event=event,
            outcome=outcome,
            user_id=user_id,
            session_id=session_id,
            username=None if username is None else username[:64],
            ip=origin.ip,
            request_id=origin.request_id,
        )
    )
