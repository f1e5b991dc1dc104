"""What is true of the service at one moment, as far as anybody could tell from its answers."""

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

from tests.model.answers import NotAllowed

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


@dataclass
class State:
    """Values in it are never changed, only replaced: so a copy is cheap."""

    now: datetime
    epoch: str | None = None
    limited_beyond: int = 1_000
    users: dict[str, User] = field(default_factory=dict)
    by_name: dict[str, str] = field(default_factory=dict)
    sessions: dict[str, Session] = field(default_factory=dict)
    tokens: dict[str, Token] = field(default_factory=dict)
    access: dict[str, Access] = field(default_factory=dict)
    talks: dict[str, Talk] = field(default_factory=dict)
    keys: dict[tuple[str, str], tuple[str, int]] = field(default_factory=dict)
    cursors: dict[str, tuple[str | None, tuple[str, str]]] = field(default_factory=dict)
    rumours: tuple[Rumour, ...] = ()
    ids: set[str] = field(default_factory=set)
    server: Json | None = None
    lately: frozenset[str] = frozenset()  # sessions that lived when a group of requests began

    def copy(self) -> "State":
        return replace(
            self,
            users=dict(self.users),
            by_name=dict(self.by_name),
            sessions=dict(self.sessions),
            tokens=dict(self.tokens),
            access=dict(self.access),
            talks=dict(self.talks),
            keys=dict(self.keys),
            cursors=dict(self.cursors),
            ids=set(self.ids),
        )

    def live(self, session: Session) -> bool:
        return not session.ended and session.expires_at > self.now

    def mine(self, user_id: str) -> list[Talk]:
        """Somebody's conversations, newest activity first."""
        found = [talk for talk in self.talks.values() if user_id in talk.members]
        return sorted(found, key=lambda talk: talk.activity, reverse=True)

    def end(self, session_id: str) -> None:
        self.sessions[session_id] = replace(self.sessions[session_id], ended=True)

    def check_epoch(self, found: str) -> None:
        """The first answer that names it tells it."""
        self.epoch = self.epoch or found
        if self.epoch != found:
            raise NotAllowed(f"sync_epoch is {found} and not {self.epoch}")
