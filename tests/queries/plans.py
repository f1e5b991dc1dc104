"""A database with thousands of rows, the statements that requests run on it, and the plans that it makes for them."""

import json
import re
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any
from uuid import UUID

import asyncpg
from sqlalchemy import event

from chatsvc.db import Statement, Tx, kinds_of
from chatsvc.db.sqlite_hops import MANY, SEPARATOR
from chatsvc.db.urls import parse_database_url
from chatsvc.ids import new_id
from chatsvc.tables import Conversation, ConversationCounter, ConversationMember, Message, User
from tests.support.service import Service

PEOPLE = 3_000
_TABLES = "users|messages|conversations|conversation_members|conversation_counters"
_NAMED = re.compile(rf"\b(?:FROM|JOIN|UPDATE|INTO) ({_TABLES})\b(?: AS (\w+)| (?!SET|WHERE|ON|SELECT)(\w+))?")
_WHOLE_KEY = re.compile(r"\b(seq|client_message_id|id)\b")  # not all of a conversation or of a sender
_LOOP = re.compile(r"(SCAN|SEARCH) (\w+)(?: USING (\w+))?")


@dataclass(frozen=True)
class Run:
    """A statement as it went to the driver."""

    sql: str
    parameters: Sequence[Any] | Mapping[str, Any]


@contextmanager
def statements_run(service: Service) -> Iterator[list[Run]]:
    """What queries and commands run meanwhile."""
    seen: list[Run] = []

    def note(_connection: Any, _cursor: Any, sql: str, parameters: Any, _context: Any, many: bool) -> None:  # noqa: FBT001
        given = parameters[0] if many else parameters
        parts = (part for part in sql.split(SEPARATOR) if not part.startswith(MANY))  # that inserts what it is given
        seen.extend(Run(one, given if isinstance(given, dict) else tuple(given)) for one in parts)

    engines = [engine.sync_engine for engine in (service.inside.db.engines.reader, service.inside.db.engines.writer)]
    for engine in engines:
        event.listen(engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        for engine in engines:
            event.remove(engine, "before_cursor_execute", note)


def _insert(table: type[Any]) -> Statement:
    kinds = kinds_of(table)
    names = ", ".join(kinds)
    sql = f"INSERT INTO {table.__tablename__} ({names}) SELECT {names} FROM {{rows}} AS r WHERE true"
    return Statement(sql, rows={"rows": kinds})


async def settle(tx: Tx, reader_id: UUID) -> list[UUID]:
    """A command: people, each with a conversation with the next one and seven messages; forty with the reader too."""
    start = tx.now - timedelta(days=1)
    people = [new_id() for _ in range(PEOPLE)]
    pairs = [*pairwise(people), *((reader_id, one) for one in people[:40])]
    talks = [(new_id(), pair, start + timedelta(seconds=at)) for at, pair in enumerate(pairs)]
    users = [(one, f"user{at}", f"User {at}", f"user {at}", "-", start, start) for at, one in enumerate(people)]
    await tx.rows(_insert(User), rows=users)
    heads = [(talk, "direct", f"{a}:{b}", at, at, "hello", at) for talk, (a, b), at in talks]
    await tx.rows(_insert(Conversation), rows=heads)
    await tx.rows(_insert(ConversationCounter), rows=[(talk, 8) for talk, _, _ in talks])
    members = [(talk, one, at, "member") for talk, pair, at in talks for one in pair]
    await tx.rows(_insert(ConversationMember), rows=members)
    messages = [
        (new_id(), talk, pair[0], f"{talk}-{seq}", seq, "hello", at) for talk, pair, at in talks for seq in range(1, 8)
    ]
    await tx.rows(_insert(Message), rows=messages)
    return [talk for talk, pair, _ in talks if pair[0] == reader_id]


async def scans(url: str, run: Run, *, as_if_large: bool = True) -> list[str]:
    """The tables that the plan of a statement reads from end to end.

    Some thousand rows are nothing to Postgres: it reads thirty pages sooner than a hundred rows by index (with thirty
    thousand conversations it does not). So it is told to avoid whatever reads tables whole: where one stays, no index
    fits.
    """
    path = parse_database_url(url).path
    if path is not None:
        return list(_scanned(path, run))
    opened = await asyncpg.connect(url)
    try:
        for way in ("seqscan", "hashjoin", "mergejoin") if as_if_large else ():
            await opened.execute(f"SET enable_{way} = off")
        plans = json.loads(await opened.fetchval(f"EXPLAIN (FORMAT JSON) {run.sql}", *run.parameters))
    finally:
        await opened.close()
    return [table for found in plans for table in _sequential(found["Plan"])]


def _scanned(path: Path, run: Run) -> Iterator[str]:
    """Tables that are scanned, messages by half a key, and lists of the request read again for each row of another."""
    tables = {alias or other or table: table for table, alias, other in _NAMED.findall(run.sql)}
    with closing(sqlite3.connect(path)) as connection:
        plan = connection.execute(f"EXPLAIN QUERY PLAN {run.sql}", run.parameters).fetchall()
    inner: set[int] = set()
    for node, parent, _, line in plan:
        if line.startswith("CORRELATED"):
            inner.add(node)
        if (found := _LOOP.match(line)) is None:
            continue
        how, name, by = found.groups()
        if name in tables and (how == "SCAN" or by == "AUTOMATIC"):  # an index made for one query reads it all
            yield tables[name]
        elif tables.get(name) == "messages" and not _WHOLE_KEY.search(line):
            yield "messages by half a key"
        elif how == "SCAN" and parent in inner:
            yield f"{name} again and again"
        inner.add(parent)


def _sequential(node: dict[str, Any]) -> Iterator[str]:
    whole = node["Node Type"] == "Seq Scan" or ("Index" in node["Node Type"] and "Index Cond" not in node)
    if whole and re.fullmatch(_TABLES, node.get("Relation Name", "")):
        yield node["Relation Name"]
    elif node.get("Relation Name") == "messages" and not _WHOLE_KEY.search(node.get("Index Cond", "seq")):
        yield "messages by half a key"
    for child in node.get("Plans", ()):
        yield from _sequential(child)


async def analyze(url: str) -> None:
    """What Postgres does by itself after a while. SQLite plans without statistics, as the service leaves it."""
    if parse_database_url(url).path is None:
        connection = await asyncpg.connect(url)
        await connection.execute("ANALYZE")
        await connection.close()
