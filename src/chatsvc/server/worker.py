"""A worker: one of several server processes, started by a supervisor, told by it to stop, and gone when it is gone."""

import asyncio
import json
import os
import signal
import socket
import sys
from collections import deque
from contextlib import closing

import structlog
from uvicorn.loops.auto import auto_loop_factory

from chatsvc.api.metrics import Metrics
from chatsvc.api.services import Services
from chatsvc.errors import TryAgain
from chatsvc.logs import configure_logs
from chatsvc.server.channel import Channel
from chatsvc.server.metric_sums import counts_of
from chatsvc.server.refusals import REFUSED, SERVING_ERRORS, why_not_served
from chatsvc.server.serving import serve_on
from chatsvc.server.stop_signals import STOP_SIGNALS
from chatsvc.settings import Settings

_SUMS_WITHIN_SECONDS = 5
_log = structlog.get_logger("chatsvc.server")


def main() -> None:
    """Its arguments: two numbers of inherited sockets, and what the command line said beside the environment."""
    listening, channel, given = sys.argv[1:]
    settings = Settings(**json.loads(given))
    configure_logs(settings)
    structlog.contextvars.bind_contextvars(worker=os.getpid())
    try:
        with asyncio.Runner(loop_factory=auto_loop_factory()) as runner:
            runner.run(_work(settings, socket.socket(fileno=int(listening)), socket.socket(fileno=int(channel))))
    except SERVING_ERRORS as error:
        sys.stderr.write(f"chatsvc: {why_not_served(error)}\n")
        sys.exit(REFUSED)


async def _work(settings: Settings, listening: socket.socket, end: socket.socket) -> None:
    orders = Orders(await Channel.over(end))
    following = asyncio.create_task(orders.follow())
    with closing(listening):
        try:
            await serve_on(listening, settings, orders.told, orders.report_serving)
        finally:
            following.cancel()
            await orders.close()


class Orders:
    """The supervisor's end of the line. `told` is released at each order: to stop, and then to hurry."""

    def __init__(self, channel: Channel) -> None:
        self.told = asyncio.Semaphore(0)
        self._channel = channel
        self._stopping = False
        self._metrics: Metrics | None = None
        self._asked: deque[asyncio.Future[str]] = deque()

    def report_serving(self, services: Services) -> None:
        self._metrics = services.metrics
        services.metrics.sum_with(self._sums)
        for name in STOP_SIGNALS:
            asyncio.get_running_loop().add_signal_handler(name, self._stop)
        self._channel.tell("serving")

    async def follow(self) -> None:
        async for word, what in self._channel.words():
            match word:
                case "stop":
                    self._stop()
                case "hurry":
                    self.told.release()
                case "count":
                    self._tell_counts()
                case "sums":
                    while self._asked:  # later questions are answered by it as well, and the next answer by nobody
                        self._asked.popleft().set_result(what)
        self._stop_alone()

    async def close(self) -> None:
        self._tell_counts()
        await self._channel.close()

    def _stop(self) -> None:
        """Once, however it was told: a terminal and some service managers signal every process, and the supervisor
        passes on what it got itself. Only its word hurries."""
        if not self._stopping:
            self._stopping = True
            self.told.release()

    def _stop_alone(self) -> None:
        """The supervisor is gone: whoever starts it again needs the port, so there is no draining."""
        if self._metrics is None:
            signal.raise_signal(signal.SIGTERM)  # not serving yet, and so nothing to finish
        _log.warning("supervisor_gone")
        self._stop()
        self.told.release()

    def _tell_counts(self) -> None:
        if self._metrics is not None:
            self._channel.tell("counts", counts_of(self._metrics.registry))

    async def _sums(self) -> str:
        answer: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        self._asked.append(answer)
        self._channel.tell("sum")
        try:
            # Shielded: answers come in the order of the questions, wanted or not.
            return await asyncio.wait_for(asyncio.shield(answer), _SUMS_WITHIN_SECONDS)
        except TimeoutError:
            raise TryAgain from None
