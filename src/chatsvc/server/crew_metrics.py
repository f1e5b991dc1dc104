"""The metrics of all workers, those included that are no more."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager

from prometheus_client import CollectorRegistry, Metric, start_http_server
from prometheus_client.registry import Collector

from chatsvc.server.metric_sums import Counts, Told, render, summed, without_gauges
from chatsvc.server.worker_process import WorkerProcess
from chatsvc.settings import Settings

_COUNTED_EVERY_SECONDS = 5
_SCRAPED_WITHIN_SECONDS = 5


class CrewMetrics:
    """Sums over the workers. What a dead one had counted stays counted; of a killed one, what it had told."""

    def __init__(self) -> None:
        self._living: dict[WorkerProcess, asyncio.Task[None]] = {}
        self._of_the_dead: Counts = []

    def follow(self, worker: WorkerProcess) -> None:
        self._living[worker] = asyncio.create_task(worker.follow(self.text))

    async def bury(self, worker: WorkerProcess) -> None:
        """Take over what it counted; it has ended."""
        await self._living[worker]  # its last words
        del self._living[worker]
        self._of_the_dead = summed([self._of_the_dead, without_gauges(worker.counts)])

    async def keep_counted(self) -> None:
        """For ever: a worker that is killed takes what it has not told along."""
        while True:
            await asyncio.sleep(_COUNTED_EVERY_SECONDS)
            await self.sums()

    async def sums(self) -> Counts:
        await asyncio.gather(*(worker.count() for worker in self._living if worker.serving))
        # Only now, and at once: who has died meanwhile is among the dead already.
        return summed([self._of_the_dead, *(worker.counts for worker in self._living)])

    async def text(self) -> str:
        return render(await self.sums())


class _Asking(Collector):
    """Asked by prometheus_client's own thread."""

    def __init__(self, metrics: CrewMetrics, loop: asyncio.AbstractEventLoop) -> None:
        self._metrics = metrics
        self._loop = loop

    def collect(self) -> Iterator[Metric]:
        asked = asyncio.run_coroutine_threadsafe(self._metrics.sums(), self._loop)
        yield from Told(asked.result(_SCRAPED_WITHIN_SECONDS)).collect()


@contextmanager
def served_on_a_port(settings: Settings, metrics: CrewMetrics) -> Iterator[None]:
    """On CHATSVC_METRICS_PORT, if that is set: there is one, and several workers."""
    if settings.metrics == "off" or settings.metrics_port is None:
        yield
        return
    registry = CollectorRegistry()
    registry.register(_Asking(metrics, asyncio.get_running_loop()))
    server, _ = start_http_server(settings.metrics_port, settings.host, registry=registry)
    try:
        yield
    finally:
        server.shutdown()
        server.server_close()
