"""Threads for work that is slow on purpose. Not anyio's: those are shared with everything else."""

import asyncio
import os
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from threading import Lock
from typing import Any, TypeVar, TypeVarTuple

from chatsvc.errors import TryAgain

T = TypeVar("T")
Args = TypeVarTuple("Args")


class HashingPool:
    """Runs `threads` functions at once, lets `queue` more wait, and refuses the rest.

    0 threads: as many as cores, of which each of so many `sharers`, processes like this one, takes its part.
    """

    def __init__(self, *, threads: int, queue: int, sharers: int = 1) -> None:
        self._threads = threads or max((os.cpu_count() or 1) // sharers, 1)
        self._places = self._threads + queue
        self._taken = 0
        self.refused = 0  # since the start, for want of a place
        self._lock = Lock()  # places are given back by the threads
        self._executor = ThreadPoolExecutor(self._threads, thread_name_prefix="hashing")

    @property
    def running(self) -> int:
        return min(self._taken, self._threads)

    @property
    def waiting(self) -> int:
        return max(self._taken - self._threads, 0)

    async def run(self, function: Callable[[*Args], T], *args: *Args) -> T:
        """The function's own result or exception; TryAgain at once where there is no place, or after `close`.

        A cancelled caller's work is dropped if it still waits. If it runs it keeps its place to the end:
        a thread cannot be stopped, and clients that hang up must not be able to pile up work.
        """
        self._take_place()
        try:
            work = self._executor.submit(function, *args)
        except RuntimeError:  # closed
            self._give_back()
            raise TryAgain from None
        work.add_done_callback(self._give_back)
        return await asyncio.wrap_future(work)

    def close(self) -> None:
        """Finish what was taken on, then end the threads. Blocks meanwhile."""
        self._executor.shutdown()

    def _take_place(self) -> None:
        with self._lock:
            if self._taken >= self._places:
                self.refused += 1
                raise TryAgain
            self._taken += 1

    def _give_back(self, _work: Future[Any] | None = None) -> None:
        with self._lock:
            self._taken -= 1
