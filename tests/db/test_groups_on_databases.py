"""Group commit on both databases: few transactions for many, and what is wrong with one is told to that one alone."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy.exc import IntegrityError

from chatsvc.db import Database, ReadSession, RunAgain, Statement, Tx
from chatsvc.errors import ChatError, ConversationNotFound, RefreshTokenReused, TryAgain
from tests.db.counting import LOOK, WRITE, bump, open_counter, value_of
from tests.faults.injected.injecting import at_commit, lost_after_the_commit
from tests.support.listening import listening

_PUT = Statement(
    "INSERT INTO rate_limits (key, full_at) SELECT t.key, :now FROM {items} AS t RETURNING key",
    parameters={"now": "timestamptz"},
    rows={"items": {"key": "text"}},
)
_ALL = Statement("SELECT key FROM rate_limits ORDER BY key")


@dataclass(frozen=True)
class Put:
    """No key may be put twice, and the database refuses None."""

    key: str | None
    weight: int = 1


@dataclass(eq=False)
class Putting:
    """A handler that counts its calls, and meets `trouble` in the first of them."""

    trouble: type[Exception] | None = None
    groups: list[int] = field(default_factory=list)

    async def __call__(self, tx: Tx, units: Sequence[Put]) -> list[str | ChatError]:
        self.groups.append(len(units))
        await tx.rows(_PUT, items=[(unit.key,) for unit in units], now=tx.now)
        if any(unit.key == "poison" for unit in units):
            raise ZeroDivisionError
        if self.trouble is not None and len(self.groups) == 1:
            raise self.trouble
        return [RefreshTokenReused() if unit.key == "refused" else f"put {unit.key}" for unit in units]


async def at_once(db: Database, putting: Putting, keys: Sequence[str | None]) -> list[Any]:
    return await asyncio.gather(*(db.execute_together(putting, Put(key)) for key in keys), return_exceptions=True)


async def stored(db: Database) -> list[str]:
    async def run(session: ReadSession) -> list[str]:
        return [row.key for row in await session.rows(_ALL)]

    return await db.read(run)


KEYS = [f"k{at:02}" for at in range(50)]


async def test_many_at_once_are_few_transactions_and_each_gets_its_own(db: Database) -> None:
    commits: list[None] = []
    with listening(db.engines.writer, "commit", lambda _: commits.append(None)):
        told = await at_once(db, putting := Putting(), KEYS)
    assert told == [f"put {key}" for key in KEYS]
    assert await stored(db) == KEYS
    assert len(commits) == len(putting.groups) <= 2


@pytest.mark.parametrize(("key", "error"), [("poison", ZeroDivisionError), (None, IntegrityError)])
async def test_what_spoils_a_group_fails_alone_and_the_others_are_done_once(
    db: Database, key: str | None, error: type[Exception]
) -> None:
    told = await at_once(db, Putting(), [*KEYS[:5], key, *KEYS[5:10]])
    assert isinstance(told.pop(5), error)
    assert told == [f"put {key}" for key in KEYS[:10]]
    assert await stored(db) == KEYS[:10]


async def test_a_refusal_that_is_among_the_results_spoils_nothing(db: Database) -> None:
    told = await at_once(db, putting := Putting(), ["a", "refused", "z"])
    assert (told[0], told[2], putting.groups) == ("put a", "put z", [3])
    assert isinstance(told[1], RefreshTokenReused)
    assert await stored(db) == ["a", "refused", "z"]


async def test_a_group_that_is_to_run_again_is_run_whole_again(db: Database) -> None:
    told = await at_once(db, putting := Putting(trouble=RunAgain), KEYS)
    assert told == [f"put {key}" for key in KEYS]
    assert putting.groups[:2] == [50, 50]
    assert await stored(db) == KEYS


async def test_after_a_commit_of_unknown_outcome_nobody_is_run_again_and_all_are_told(db: Database) -> None:
    with at_commit(db.engines.writer, lost_after_the_commit):
        told = await at_once(db, putting := Putting(), KEYS)
    assert {type(one) for one in told} == {TryAgain}
    assert putting.groups == [50]
    assert await stored(db) == KEYS


@dataclass(frozen=True)
class Question:
    counter: UUID
    weight: int = 1


async def test_questions_of_a_group_are_answered_from_one_snapshot(db: Database) -> None:
    counter = await db.execute(open_counter, None)
    calls: list[int] = []

    async def values(session: ReadSession, questions: Sequence[Question]) -> list[int]:
        calls.append(len(questions))
        found = []
        for question in questions:
            found.append(int((await session.rows(LOOK, id=question.counter))[0].next_seq))
            await db.execute(bump, counter)  # by somebody else
        return found

    assert await asyncio.gather(*(db.read_together(values, Question(counter)) for _ in range(8))) == [1] * 8
    assert (calls, await db.read(value_of, counter=counter)) == ([8], 9)


async def test_a_refusal_among_answers_is_raised_for_its_caller_alone(db: Database) -> None:
    async def echo(_: ReadSession, questions: Sequence[Put]) -> list[str | ChatError]:
        return [ConversationNotFound() if one.key == "c" else f"{one.key}!" for one in questions]

    told = await asyncio.gather(*(db.read_together(echo, Put(key)) for key in "abcd"), return_exceptions=True)
    assert (told[:2], told[3]) == (["a!", "b!"], "d!")
    assert isinstance(told[2], ConversationNotFound)


async def test_closing_waits_for_groups(db: Database) -> None:
    counter = await db.execute(open_counter, None)
    written: list[int] = []

    async def slowly(tx: Tx, units: Sequence[Put]) -> list[None]:
        await tx.rows(WRITE, id=counter, value=7)
        await asyncio.sleep(0.05)
        written.append(len(units))
        return [None] * len(units)

    asked = [asyncio.create_task(db.execute_together(slowly, Put("x"))) for _ in range(3)]
    await asyncio.sleep(0)
    await db.close()
    assert await asyncio.wait_for(asyncio.gather(*asked), 1) == [None] * 3
    assert written == [3]
