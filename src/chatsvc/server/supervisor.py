"""Several server processes behind one address: starts them, replaces those that die, stops them all."""

import asyncio
import json
from contextlib import closing, suppress

import structlog

from chatsvc.db.urls import primary_url
from chatsvc.server.crew_metrics import CrewMetrics, served_on_a_port
from chatsvc.server.listening import SharedAddress
from chatsvc.server.stop_signals import STOP_SIGNALS
from chatsvc.server.worker_process import WorkerProcess
from chatsvc.settings import Settings

_SETTLED_SECONDS = 10
_MOST_EARLY_ENDS = 5
_MOST_DOUBLINGS = 8  # of an eighth of a second: half a minute
_KILLED_AFTER_SECONDS = 10
_log = structlog.get_logger("chatsvc.server")


async def supervise(settings: Settings) -> int:
    """Keep `workers` processes serving until SIGTERM or SIGINT, which each obeys as a single server does.

    Gives the exit code. Raises ValueError and OSError before anything is started.
    """
    if primary_url(settings).path is not None:
        raise ValueError("CHATSVC_WORKERS: SQLite takes one server process; use Postgres to run several")
    warn_of_limits(settings)
    with closing(SharedAddress(settings)) as address:
        supervisor = Supervisor(settings, address)
        for name in STOP_SIGNALS:
            asyncio.get_running_loop().add_signal_handler(name, supervisor.stop)
        with served_on_a_port(settings, supervisor.metrics):
            return await supervisor.run()


def warn_of_limits(settings: Settings) -> None:
    if settings.rate_limits == "on" and settings.rate_limit_store == "memory":
        _log.warning("rate_limits_count_for_each_worker", mend="CHATSVC_RATE_LIMIT_STORE=database")


class Supervisor:
    """`stop` may be called at any time, and again to hurry; `run` then gives the exit code."""

    def __init__(self, settings: Settings, address: SharedAddress) -> None:
        self.metrics = CrewMetrics()
        self._settings = settings
        self._address = address
        self._workers: set[WorkerProcess] = set()
        self._stopping = asyncio.Event()
        self._early_ends = 0
        self._exit_code = 0

    async def run(self) -> int:
        # The first one alone: should the service not be fit to start, that is said once, and its exit code is ours.
        first = await self._start()
        if not await first.started() and not self._stopping.is_set():
            return max(await first.ended, 1)
        counting = asyncio.create_task(self.metrics.keep_counted())
        others = [self._keep(None) for _ in range(self._settings.workers - 1)]
        await asyncio.gather(self._keep(first), *others)
        counting.cancel()
        return self._exit_code

    def stop(self) -> None:
        word = "hurry" if self._stopping.is_set() else "stop"
        self._stopping.set()
        for worker in self._workers:
            worker.stop(word)
        bound = self._settings.drain_seconds + self._settings.shutdown_seconds + _KILLED_AFTER_SECONDS
        asyncio.get_running_loop().call_later(bound, self._kill)

    async def _keep(self, worker: WorkerProcess | None) -> None:
        """One worker after the other. What ends early again and again is tried after ever longer pauses, as long as
        another one serves; else it is for whoever started us to see."""
        while worker or not self._stopping.is_set():
            code = await self._outlive(worker)
            worker = None
            if not self._stopping.is_set():
                self._give_up_on_what_never_starts(code)
                await self._pause()

    def _give_up_on_what_never_starts(self, code: int) -> None:
        if self._early_ends >= _MOST_EARLY_ENDS and not any(worker.serving for worker in self._workers):
            self._exit_code = max(code, 1)
            self.stop()

    async def _start(self) -> WorkerProcess:
        # What the command line said; all else is in the environment, for the worker too.
        given = self._settings.model_dump(include={"host", "port", "workers"})
        worker = await WorkerProcess.start(self._address.socket(), json.dumps(given))
        self._workers.add(worker)
        self.metrics.follow(worker)
        _log.info("worker_started", worker=worker.pid)
        if self._stopping.is_set():
            worker.stop("stop")
        return worker

    async def _outlive(self, worker: WorkerProcess | None) -> int:
        """The exit code of one worker. Ended by nobody's order it is missed, and so if it did not end as it should."""
        try:
            worker = worker or await self._start()
        except OSError as error:  # no memory or no process left, for now
            self._early_ends += 1
            _log.error("worker_not_started", error=str(error))
            return 1
        code = await worker.ended
        await self.metrics.bury(worker)
        self._workers.discard(worker)
        if not self._stopping.is_set():
            self._early_ends = 0 if worker.served_seconds > _SETTLED_SECONDS else self._early_ends + 1
            _log.error("worker_died", worker=worker.pid, exit_code=code)
        elif code and worker.serving:
            _log.error("worker_failed_to_stop", worker=worker.pid, exit_code=code)
            self._exit_code = self._exit_code or 1
        return code

    async def _pause(self) -> None:
        if self._early_ends:
            doubled = 2.0 ** min(self._early_ends, _MOST_DOUBLINGS) / 8
            with suppress(TimeoutError):
                await asyncio.wait_for(self._stopping.wait(), doubled)

    def _kill(self) -> None:
        for worker in self._workers:
            _log.error("worker_killed", worker=worker.pid)
            worker.kill()
