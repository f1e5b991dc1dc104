"""A worker as its supervisor sees it."""

import asyncio
import math
import socket
import sys
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Self

from chatsvc.server.channel import Channel
from chatsvc.server.metric_sums import Counts

_ANSWERS_WITHIN_SECONDS = 1
_BEGIN = "import gc; gc.disable(); from chatsvc.server.worker import main; main()"  # as chatsvc.__main__ does


class WorkerProcess:
    """A process, what it has told, and `ended`, which gives its exit code."""

    def __init__(self, process: asyncio.subprocess.Process, channel: Channel) -> None:
        self.pid = process.pid
        self.counts: Counts = []
        self.ended = asyncio.create_task(process.wait())
        self._process = process
        self._channel = channel
        self._served_from = math.inf
        self._serving = asyncio.Event()
        self._counted = asyncio.Event()

    @classmethod
    async def start(cls, listening: socket.socket, given: str) -> Self:
        """A fresh interpreter, which inherits one end of a channel and the socket to listen on, and owns that alone.

        Not a fork of this one, whose threads and locks it would take along half.
        """
        ours, theirs = socket.socketpair()
        with listening, theirs:
            process = await asyncio.create_subprocess_exec(
                sys.executable,
                "-P",  # what happens to lie in the working directory is no module
                *("-c", _BEGIN, str(listening.fileno()), str(theirs.fileno()), given),
                stdin=asyncio.subprocess.DEVNULL,
                pass_fds=(listening.fileno(), theirs.fileno()),
                process_group=0,  # Ctrl-C is for the supervisor, which passes it on
            )
        return cls(process, await Channel.over(ours))

    @property
    def serving(self) -> bool:
        return self._serving.is_set()

    @property
    def served_seconds(self) -> float:
        """How long by now; below 0 for one that never did, however long its start took."""
        return time.monotonic() - self._served_from

    async def follow(self, sums: Callable[[], Awaitable[str]]) -> None:
        """Hear it out, until it is gone; `sums` answers what it asks."""
        asked: set[asyncio.Task[None]] = set()
        async for word, what in self._channel.words():
            match word:
                case "serving":
                    self._served_from = time.monotonic()
                    self._serving.set()
                case "counts":
                    self.counts = what
                    self._counted.set()
                case "sum":
                    answering = asyncio.create_task(self._answer(sums))
                    asked.add(answering)
                    answering.add_done_callback(asked.discard)
        await self._channel.close()

    async def started(self) -> bool:
        """Whether it serves, once that is known."""
        serving = asyncio.create_task(self._serving.wait())
        await asyncio.wait([serving, self.ended], return_when=asyncio.FIRST_COMPLETED)
        serving.cancel()
        return self.serving

    async def count(self) -> None:
        """Have it tell its counts; one that is too busy for that is known by its last ones."""
        self._counted.clear()
        self._channel.tell("count")
        with suppress(TimeoutError):
            await asyncio.wait_for(self._counted.wait(), _ANSWERS_WITHIN_SECONDS)

    def stop(self, word: str) -> None:
        """`stop` or `hurry`; one that does not serve yet has nothing to finish."""
        if self.serving:
            self._channel.tell(word)
        else:
            self._signal(self._process.terminate)

    def kill(self) -> None:
        self._signal(self._process.kill)

    def _signal(self, send: Callable[[], None]) -> None:
        with suppress(ProcessLookupError):
            send()

    async def _answer(self, sums: Callable[[], Awaitable[str]]) -> None:
        self._channel.tell("sums", await sums())
