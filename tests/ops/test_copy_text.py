"""Rows as lines of COPY: what goes in comes out, on both sides of the form, and Postgres reads and writes the same."""

from collections.abc import AsyncIterator, Iterator

import asyncpg
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chatsvc.db.bulk.copy_text import line_of, values_of
from tests.support.databases import DatabaseKind

_TEXTS = st.text(st.characters(blacklist_categories=["Cs"], blacklist_characters="\0"))
_ODD = [
    "",
    "\\N",
    "\\",
    "\\\\N",
    "\t",
    "a\tb",
    "\n",
    "\r\n",
    "\b\f\v",
    "\\.",
    "\x7f",
    "\u2028",
    "\U0001f600",
    "N",
    "é\\t",
]


@given(st.lists(st.none() | _TEXTS, min_size=1))
def test_what_goes_in_comes_out_of_one_line(values: list[str | None]) -> None:
    line = line_of(values)
    assert b"\n" not in line
    assert values_of(line) == values


@settings(max_examples=20)
@given(st.lists(st.one_of(st.none(), _TEXTS), min_size=1, max_size=20))
def test_no_two_rows_have_one_line(values: list[str | None]) -> None:
    for place in range(len(values)):
        other = [*values[:place], "" if values[place] is None else None, *values[place + 1 :]]
        assert line_of(other) != line_of(values)


def test_numbers_are_digits_and_other_things_are_refused() -> None:
    assert line_of([1, None, -(2**62)]) == b"1\t\\N\t-4611686018427387904"
    for odd in (b"bytes", 1.5, True):
        with pytest.raises(ValueError, match="no column holds"):
            line_of([odd])  # type: ignore[list-item]


@pytest.fixture
def empty_postgres(postgresql: DatabaseKind) -> Iterator[str]:
    with postgresql.fresh(migrated=False) as url:
        yield url


async def test_postgres_means_the_same_by_a_line(empty_postgres: str) -> None:
    lines = [line_of([text]) for text in _ODD] + [line_of([None])]
    told: list[bytes] = []

    async def data() -> AsyncIterator[bytes]:
        for line in lines:
            yield line + b"\n"

    async def note(chunk: bytes) -> None:
        told.append(chunk)

    connection = await asyncpg.connect(empty_postgres)
    try:
        await connection.execute("CREATE TABLE t (x text)")
        await connection.copy_to_table("t", source=data())
        assert [row["x"] for row in await connection.fetch("SELECT x FROM t")] == [*_ODD, None]
        await connection.copy_from_query("SELECT x FROM t", output=note)
    finally:
        await connection.close()
    assert b"".join(told).splitlines(keepends=True) == [line + b"\n" for line in lines]
