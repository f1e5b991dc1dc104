"""The calls whose cost is measured: the service's own commands and queries, past HTTP, a transaction each."""

import secrets
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from itertools import combinations
from typing import Any
from uuid import UUID

from bench.people import Person
from bench.population import Population
from bench.scaling.keys_first import reserve_keys
from bench.sending import CONTENT
from chatsvc.commands.audit import Origin
from chatsvc.commands.log_in import LogIn, log_in
from chatsvc.commands.open_direct import OpenDirect, open_direct
from chatsvc.commands.refresh_chain import SessionLife
from chatsvc.commands.rotate_token import RotateToken, rotate_token
from chatsvc.commands.send_messages import OutgoingMessage, SendMessages, send_messages
from chatsvc.db import Database
from chatsvc.queries.changes import Poll, changes
from chatsvc.queries.credentials import credentials_of_user
from chatsvc.queries.sessions import SessionQuestion, live_sessions
from chatsvc.security.refresh_tokens import hash_refresh_token

SEND_SIZES = (1, 2, 4, 8, 16, 32, 64, 128)
POLL_SIZES = (1, 8)
_LIFE = SessionLife(timedelta(days=60), timedelta(days=365))
_Run = Callable[[Database], Awaitable[object]]
_Handler = Callable[..., Awaitable[Any]]


@dataclass(frozen=True)
class Call:
    """`run` makes one transaction, of `size` sends, keys or polls."""

    name: str
    size: int
    times: int
    run: _Run


async def all_calls(population: Population, database: Database) -> list[Call]:
    """In the order of measuring: sends come last, so that reads are those of the seeded database."""
    reader = population.group("readers")[0]
    found = await database.read_primary(credentials_of_user, user_id=population.user_id(reader.number))
    if found is None:
        raise RuntimeError("the population is not in this database")
    signing_in = LogIn(found.user_id, found.password_hash, None, None, _LIFE, Origin())
    refreshing = _refreshes((await database.execute(log_in, signing_in)).token.refresh_token)
    return [
        *(_polls(population, "poll, idle", 0, size) for size in POLL_SIZES),
        *(_polls(population, "poll, news", 1, size) for size in POLL_SIZES),
        Call("session check", 1, 300, _check(population, reader)),
        Call("login", 1, 300, lambda db: db.execute(log_in, signing_in)),
        Call("refresh", 1, 300, refreshing),
        Call("open", 1, 300, _opens(population)),
        *(_together("key first", size, reserve_keys, population, _key) for size in SEND_SIZES),
        *(_together("send", size, send_messages, population, _unit) for size in SEND_SIZES),
        *(_together("send again", size, send_messages, population, _unit, "the same") for size in SEND_SIZES),
    ]


def _polls(population: Population, name: str, new: int, size: int) -> Call:
    readers = population.group("readers")
    polls = [_poll(population, readers[at % len(readers)], new) for at in range(size)]
    return Call(name, size, 300 // size + 50, lambda db: db.read_primary(changes, polls=polls))


def _poll(population: Population, reader: Person, new: int) -> Poll:
    """Of a hundred conversations; where there is news, one message in the first of them."""
    (group,) = (one for one in population.groups if one.name == "readers")
    held = {
        population.conversation_key(number): group.length(at) - (new if at == 0 else 0)
        for at, number in enumerate(reader.conversations)
    }
    return Poll(population.user_id(reader.number), None, held, 200, 20, joined=True)


def _check(population: Population, who: Person) -> _Run:
    """What a server process asks before it serves somebody whom it has not asked about for some seconds."""
    questions = [SessionQuestion(population.session_id(who.number), population.user_id(who.number))]
    return lambda database: database.read_primary(live_sessions, questions=questions)


def _refreshes(first: str) -> _Run:
    """A chain, as one phone makes it."""
    token = first

    async def run(database: Database) -> None:
        nonlocal token
        made = await database.execute(rotate_token, RotateToken(hash_refresh_token(token), _LIFE, Origin()))
        token = made.refresh_token

    return run


def _opens(population: Population) -> _Run:
    """Two who have no conversation with each other, each time two others."""
    pairs = combinations([population.user_id(one.number) for one in population.group("senders")], 2)
    return lambda database: database.execute(open_direct, OpenDirect(*next(pairs)))


def _together(
    name: str, size: int, handler: _Handler, population: Population, make: Callable[..., Any], key: str = ""
) -> Call:
    """Messages of a hundred senders in turn, each to a conversation of its own, under keys never used or one `key`."""
    people, wanted = population.group("senders"), []
    for at in range(size):
        one = people[at % len(people)]
        talk = one.conversations[at // len(people) % len(one.conversations)]
        wanted.append((population.user_id(one.number), population.conversation_key(talk)))
    return Call(
        name,
        size,
        max(60, 600 // size),
        lambda db: db.execute(handler, tuple(make(*one, key or secrets.token_hex(16)) for one in wanted)),
    )


def _unit(sender: UUID, conversation: str, key: str) -> SendMessages:
    return SendMessages(sender, (OutgoingMessage(conversation, key, CONTENT),))


def _key(sender: UUID, conversation: str, key: str) -> tuple[str, str, str]:
    return str(sender), key, conversation
