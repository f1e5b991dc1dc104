"""What a statement gives as text, as it goes over the wire: the same on both databases."""

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest

from chatsvc.db import Database, Statement, Together, Tx
from chatsvc.db.statement_text import driver_text
from tests.db.counting import WRITE, open_counter

_OBJECT = Statement(
    "SELECT (SELECT {object:c.conversation_id, c.next_seq - 1} FROM conversation_counters AS c"
    " WHERE c.next_seq > :least) AS heads",
    parameters={"least": "bigint"},
)
_PUT = Together(
    put=Statement(
        "INSERT INTO rate_limits (key, full_at) {values:limits} RETURNING key",
        rows={"limits": {"key": "text", "full_at": "timestamptz"}},
    ),
    nothing=Statement("UPDATE conversations SET type = type WHERE 1 = 0 RETURNING id"),
)
_TIMES = Statement("SELECT r.key, {time:r.full_at} AS at FROM rate_limits AS r ORDER BY r.full_at")


async def ask(db: Database, statement: Statement, **parameters: Any) -> Sequence[Any]:
    async def run(tx: Tx, _: None) -> Sequence[Any]:
        return await tx.rows(statement, **parameters)

    return await db.execute(run, None)


async def test_times_have_three_digits_whatever_they_are_and_null_stays_null(db: Database) -> None:
    counter = await db.execute(open_counter, None)
    times = [f"2026-{month:02}-28T23:59:59.{ms}Z" for month, ms in ((1, "000"), (2, "999"), (3, "010"), (12, "500"))]
    await ask(db, _PUT, limits=[(time, time) for time in times])
    assert [tuple(row) for row in await ask(db, _TIMES)] == [(time, time) for time in times]
    nothing = Statement("SELECT {time:c.last_message_at} AS at, {id:c.id} AS id FROM conversations AS c")
    assert [tuple(row) for row in await ask(db, nothing)] == [(None, str(counter))]


async def test_a_time_that_is_a_parameter_comes_back_cut_to_the_millisecond(db: Database) -> None:
    moment = datetime(2026, 11, 23, 3, 20, 19, 999_999, UTC)
    put = Statement("INSERT INTO rate_limits (key, full_at) VALUES ('k', :at)", parameters={"at": "timestamptz"})
    await ask(db, put, at=moment)
    assert [row.at for row in await ask(db, _TIMES)] == ["2026-11-23T03:20:19.999Z"]


async def test_an_object_holds_every_row_and_none_is_null_or_empty(db: Database) -> None:
    counters = [await db.execute(open_counter, None) for _ in range(3)]
    for at, counter in enumerate(counters):
        await ask(db, WRITE, id=counter, value=2**40 + at)
    ((heads,),) = await ask(db, _OBJECT, least=1)
    assert json.loads(heads) == {str(counter): 2**40 + at - 1 for at, counter in enumerate(counters)}
    ((heads,),) = await ask(db, _OBJECT, least=2**50)
    assert json.loads(heads or "{}") == {}


async def test_an_id_that_a_join_did_not_find_is_null(db: Database) -> None:
    joined = Statement(
        "SELECT k.place, {id:c.id} AS id FROM {keys} AS k LEFT JOIN conversations AS c ON c.id = k.id ORDER BY k.place",
        rows={"keys": {"place": "bigint", "id": "uuid"}},
    )
    counter = await db.execute(open_counter, None)
    found = await ask(db, joined, keys=[(1, str(counter)), (2, UUID(int=1)), (3, counter)])
    assert [tuple(row) for row in found] == [(1, str(counter)), (2, None), (3, str(counter))]


async def test_inserted_values_are_stored_as_they_are(db: Database) -> None:
    odd = ["'", '"', "\\", "\\u0000", "{}", ":at", "é \U0001f600", "\n;;\n", "--for each of x", " ", "%s $1 ?"]
    time = "2026-11-23T03:20:19.123Z"
    assert [tuple(row) for row in await ask(db, _PUT, limits=[(one, time) for one in odd])] == [(len(odd), 0)]
    assert {row.key for row in await ask(db, _TIMES)} == set(odd)


@pytest.mark.parametrize(
    ("sql", "postgres", "order"),
    [
        ("SELECT :a, :b, :a", "SELECT CAST($1 AS text), $2, CAST($1 AS text)", ("a", "b")),
        ("SELECT x::text, :b", "SELECT x::text, $1", ("b",)),
        ("SELECT '12:30', 'HH24:MI:SS', :a", "SELECT '12:30', 'HH24:MI:SS', CAST($1 AS text)", ("a",)),
        ("SELECT (:a)", "SELECT (CAST($1 AS text))", ("a",)),
    ],
)
def test_only_names_are_parameters(sql: str, postgres: str, order: tuple[str, ...]) -> None:
    assert driver_text(sql, "sqlite", {"a": "text"}, {}).sql == sql
    made = driver_text(sql, "postgresql", {"a": "text"}, {})
    assert (made.sql, made.order) == (postgres, order)


def test_the_format_of_a_time_is_no_parameter() -> None:
    made = driver_text("SELECT {time:t.at} FROM t WHERE t.at < :now", "postgresql", {"now": "timestamptz"}, {})
    assert made.order == ("now",)
    assert made.sql.endswith("FROM t WHERE t.at < CAST($1 AS timestamptz)")


def test_what_is_together_is_more_than_one() -> None:
    with pytest.raises(TypeError, match="alone"):
        Together(one=WRITE)
