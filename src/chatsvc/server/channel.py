"""What a supervisor and one of its workers tell each other: a line of JSON for each word, until one of them is gone."""

import asyncio
import json
import socket
from collections.abc import AsyncIterator
from typing import Any, Self

_LONGEST_LINE = 16 * 1024 * 1024  # the counts of every route, many times over


class Channel:
    """One end. It closes with its process, however that ended: the other end then hears no more."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer

    @classmethod
    async def over(cls, end: socket.socket) -> Self:
        return cls(*await asyncio.open_unix_connection(sock=end, limit=_LONGEST_LINE))

    def tell(self, word: str, what: Any = None) -> None:
        """Never waits and never fails: whether anybody is there is heard by `words`."""
        if not self._writer.is_closing():
            self._writer.write(json.dumps([word, what]).encode() + b"\n")

    async def words(self) -> AsyncIterator[tuple[str, Any]]:
        """What the other end tells, until it is gone."""
        try:
            while (line := await self._reader.readline()).endswith(b"\n"):
                word, what = json.loads(line)
                yield word, what
        except ConnectionError:
            return

    async def close(self) -> None:
        """Once what was told is on its way."""
        self._writer.close()
        try:
            await self._writer.wait_closed()
        except ConnectionError:
            return
