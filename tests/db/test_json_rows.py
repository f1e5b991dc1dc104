"""Lists of rows go in as JSON, and come back as what they were."""

from datetime import UTC, datetime, timedelta, timezone
from typing import Any
from uuid import UUID

import pytest

from chatsvc.db import Database, ReadSession, Statement
from chatsvc.ids import new_id

KINDS = {"n": "bigint", "id": "uuid", "at": "timestamptz", "word": "text"}
ECHO = Statement("SELECT t.n, t.id, t.at, t.word FROM {items} AS t ORDER BY t.n", rows={"items": KINDS}, columns=KINDS)
MOMENT = datetime(2026, 11, 23, 3, 20, 19, 123_000, UTC)

WORDS = [
    'it\'s "quoted" \\ and `ticked`',
    "two\r\nlines\tand a tab\v\f",
    "🦊👩‍👩‍👧‍👦🏳️‍🌈",
    "שלום עולם \u202eמהופך\u202c مرحبا",
    "".join(map(chr, range(1, 32))) + "\x7f\x80\x9f\u2028\u2029\ufeff\uffff",
    "e\u0301 is not \u00e9",
    "",
    " ",
    "null",
    '{"a": [1]}',
    ":id {items} %s $1 ?",
]


async def echo(session: ReadSession, *, rows: list[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
    return [tuple(row) for row in await session.rows(ECHO, items=rows)]


@pytest.mark.parametrize("count", [0, 1, 2_000])
async def test_a_list_of_any_length_is_one_parameter(db: Database, count: int) -> None:
    rows = [(n, new_id(), MOMENT + timedelta(milliseconds=n), f"word {n}") for n in range(count)]
    assert await db.read(echo, rows=rows) == rows


@pytest.mark.parametrize("word", WORDS)
async def test_text_comes_back_as_it_went_in(db: Database, word: str) -> None:
    rows = [(1, UUID(int=1), MOMENT, word), (2, UUID(int=2), MOMENT, None)]
    assert await db.read(echo, rows=rows) == rows


async def test_numbers_ids_and_times_keep_their_kind_and_value(db: Database) -> None:
    there = timezone(timedelta(hours=5))
    rows = [(2**53 - 1, UUID(int=2**128 - 1), datetime(2026, 1, 1, 3, 0, tzinfo=there), "x")]
    ((number, found, at, _),) = await db.read(echo, rows=rows)
    assert (number, found, at) == (2**53 - 1, UUID(int=2**128 - 1), datetime(2025, 12, 31, 22, 0, tzinfo=UTC))
    assert isinstance(found, UUID)
    assert (type(number), at.utcoffset()) == (int, timedelta(0))


async def test_nulls_stay_null(db: Database) -> None:
    rows = [(None, None, None, None)]
    assert await db.read(echo, rows=rows) == rows


async def test_a_time_without_a_zone_is_refused_in_a_row_too(db: Database) -> None:
    naive = datetime(2026, 1, 1)  # noqa: DTZ001 - the mistake under test
    with pytest.raises(ValueError, match="zone"):
        await db.read(echo, rows=[(1, UUID(int=1), naive, "")])


async def test_what_has_no_json_form_is_refused(db: Database) -> None:
    with pytest.raises(TypeError, match="bytes has no JSON form"):
        await db.read(echo, rows=[(1, UUID(int=1), MOMENT, b"secret")])
