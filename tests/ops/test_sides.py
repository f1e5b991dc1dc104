"""One end of a transfer: it can be left in the middle."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import suppress
from typing import cast

import pytest

from chatsvc.db.bulk import TABLES, open_side
from chatsvc.db.urls import parse_database_url
from tests.ops.conftest import MANY_ROWS

_AUDIT = next(table for table in TABLES if table.name == "auth_events")
_MANY = 50_000


async def test_who_stops_reading_is_not_waited_for(database_url: str) -> None:
    url = parse_database_url(database_url)
    async with open_side(url, to_fill=True) as side:
        await side.execute(MANY_ROWS[url.dialect].format(_MANY))
    async with open_side(url) as side:
        lines = cast(AsyncGenerator[list[bytes]], side.lines(_AUDIT))
        assert await anext(lines)
        await asyncio.sleep(0.2)  # as much is read ahead as is going to be
        await asyncio.wait_for(lines.aclose(), 10)


async def test_what_is_filled_is_not_there_when_the_block_fails(database_url: str) -> None:
    url = parse_database_url(database_url)
    with suppress(ZeroDivisionError):
        async with open_side(url, to_fill=True) as side:
            await side.execute(MANY_ROWS[url.dialect].format(10))
            raise ZeroDivisionError
    async with open_side(url) as side:
        assert await side.value("SELECT count(*) FROM auth_events") == 0


async def test_a_snapshot_does_not_move_and_takes_no_writes(database_url: str) -> None:
    url = parse_database_url(database_url)
    async with open_side(url) as before:
        async with open_side(url, to_fill=True) as side:
            await side.execute(MANY_ROWS[url.dialect].format(10))
        assert await before.value("SELECT count(*) FROM auth_events") == 0
    async with open_side(url) as side:
        assert await side.value("SELECT count(*) FROM auth_events") == 10
    with pytest.raises(Exception, match=r"read-only|readonly"):
        async with open_side(url) as side:
            await side.execute("DELETE FROM auth_events")
