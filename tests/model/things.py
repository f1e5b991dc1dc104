"""Users, sessions, tokens and conversations, as far as anybody could tell from the answers. They never change."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

Json = dict[str, Any]
ROLE = "member"
PREVIEW_CHARACTERS = 120


def wire(moment: datetime) -> str:
    """Sorts as text, and is how every time is kept here."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds")[:-6] + "Z"


@dataclass(frozen=True)
class User:
    id: str
    username: str
    display_name: str
    password: str
    created_at: str
    updated_at: str

    @property
    def view(self) -> Json:
        names = ("id", "username", "display_name", "created_at", "updated_at")
        return {name: getattr(self, name) for name in names}


@dataclass(frozen=True)
class Session:
    """`last_used` is the refresh token that was used last, None before the first use."""

    id: str
    user_id: str
    device_name: str | None
    created_at: datetime
    last_used_at: datetime
    expires_at: datetime
    first: str
    last_used: str | None = None
    ended: bool = False


@dataclass(frozen=True)
class Token:
    """A refresh token; `parent` is the one it is a successor of."""

    session_id: str
    parent: str | None
    expires_at: datetime
    spent: bool = False


@dataclass(frozen=True)
class Access:
    """An access token; `born_at` tells its order among those of its session."""

    session_id: str
    user_id: str
    expires_at: datetime


@dataclass(frozen=True)
class Talk:
    """A conversation. The message with seq n stands at n - 1."""

    id: str
    members: tuple[str, ...]
    created_at: str
    messages: tuple[Json, ...] = ()

    @property
    def head(self) -> int:
        return len(self.messages)

    @property
    def activity(self) -> tuple[str, str]:
        """What the lists are ordered by: the time of the newest message, else of the beginning; ties by id."""
        return self.messages[-1]["created_at"] if self.messages else self.created_at, self.id

    @property
    def view(self) -> Json:
        last = self.messages[-1] if self.messages else None
        return {
            "id": self.id,
            "type": "direct",
            "created_at": self.created_at,
            "updated_at": self.activity[0],
            "last_message_preview": last and last["content"][:PREVIEW_CHARACTERS],
            "last_message_at": last and last["created_at"],
            "head_seq": self.head,
            "members": [{"user_id": one, "role": ROLE, "joined_at": self.created_at} for one in sorted(self.members)],
        }


def in_order(conversation: Json) -> Json:
    """As it was told, with its members sorted: their order is nobody's promise."""
    return {**conversation, "members": sorted(conversation["members"], key=lambda member: str(member["user_id"]))}


@dataclass(frozen=True)
class Rumour:
    """A login of unknown outcome: a session that there may be."""

    user_id: str
    device_name: str | None
    at: datetime
