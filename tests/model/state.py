"""What is true of the service at one moment."""

from dataclasses import dataclass, field, replace
from datetime import datetime

from tests.model.answers import NotAllowed
from tests.model.things import Access, Json, Rumour, Session, Talk, Token, User


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
