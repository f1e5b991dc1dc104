"""Questions that wait together are asked of the replica first, and each alone again where it may not decide."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field

import pytest
from sqlalchemy import text

from chatsvc.db import AskPrimary, ReadSession
from chatsvc.errors import ChatError, ConversationNotFound
from chatsvc.settings import Settings
from tests.db.counting import opened
from tests.support.postgres import free_port

Answer = str | ChatError | AskPrimary


@dataclass(frozen=True)
class Question:
    word: str
    weight: int = 1


@dataclass(eq=False)
class Asking:
    """A query that notes where it was asked what."""

    asked: dict[str, list[str]] = field(default_factory=lambda: {"replica": [], "primary": []})
    failures: set[str] = field(default_factory=set)  # of the replica, as they are counted

    async def __call__(self, session: ReadSession, questions: Sequence[Question]) -> list[Answer]:
        self.asked["replica" if session.on_replica else "primary"] += [one.word for one in questions]
        if session.on_replica and any(one.word == "breaks" for one in questions):
            await session.connection.execute(text("SELECT 1 FROM not_replicated_yet"))
        return [self._answer(one.word, on_replica=session.on_replica) for one in questions]

    def _answer(self, word: str, *, on_replica: bool) -> Answer:
        if word == "gone" or (word == "late" and on_replica):
            return ConversationNotFound()
        return AskPrimary() if word == "reset" and on_replica else word.upper()


async def _told(settings: Settings, asking: Asking, words: Sequence[str]) -> list[str]:
    """What each is told that asks while another one is being answered; an error by its name."""
    async with opened(settings) as db:
        callers = (db.read_together(asking, Question(word)) for word in words)
        told = await asyncio.gather(*callers, return_exceptions=True)
        asking.failures = {kind for (where, kind), count in db.counts.failures.items() if where == "replica" and count}
    return [one if isinstance(one, str) else type(one).__name__ for one in told]


@pytest.fixture
def with_replica(postgres_database_url: str) -> Settings:
    """The replica is the primary under another name, which is all that the rules can tell."""
    return Settings(database_url=postgres_database_url, read_database_url=postgres_database_url)


async def test_only_what_a_replica_may_not_decide_is_asked_again(with_replica: Settings) -> None:
    asking = Asking()
    words = ["first", "reset", "plain", "late", "gone"]
    told = await _told(with_replica, asking, words)
    assert told == ["FIRST", "RESET", "PLAIN", "LATE", "ConversationNotFound"]
    assert sorted(asking.asked["replica"]) == sorted(words)
    assert sorted(asking.asked["primary"]) == ["gone", "late", "reset"]


async def test_a_group_that_the_replica_fails_is_answered_by_the_primary(with_replica: Settings) -> None:
    asking = Asking()
    words = ["first", "breaks", "plain"]
    assert await _told(with_replica, asking, words) == [word.upper() for word in words]
    assert asking.asked == {"replica": words, "primary": words}
    assert asking.failures == {"defect"}


async def test_a_dead_replica_is_done_without(postgres_database_url: str) -> None:
    dead = f"postgresql://nobody@127.0.0.1:{free_port()}/nothing"
    asking = Asking()
    settings = Settings(database_url=postgres_database_url, read_database_url=dead)
    assert await _told(settings, asking, ["first", "second"]) == ["FIRST", "SECOND"]
    assert asking.asked == {"replica": [], "primary": ["first", "second"]}
    assert asking.failures == {"lost"}
