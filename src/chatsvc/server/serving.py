"""One server process: uvicorn from our own entry point, stopping in the order that loses nothing."""

import asyncio
import math
import socket
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress

import structlog
import uvicorn

from chatsvc.api.services import Services
from chatsvc.app import create_app
from chatsvc.db.urls import primary_url
from chatsvc.server import memory
from chatsvc.server.listening import listen
from chatsvc.server.stop_signals import STOP_SIGNALS
from chatsvc.settings import Settings

_KEEP_ALIVE_SECONDS = 75  # longer than a reverse proxy keeps its own, or it would write into a closed connection
_log = structlog.get_logger("chatsvc.server")


class Server(uvicorn.Server):
    """uvicorn, told to stop by us: its own handlers raise the signal again, which would end the process too early."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


async def serve(settings: Settings) -> None:
    """Serve until SIGTERM or SIGINT: then not ready, running requests finish, connections close. A second one hurries.

    Raises what opening the database raises, before anything is answered.
    """
    told = asyncio.Semaphore(0)

    def take_signals(_services: Services) -> None:
        for name in STOP_SIGNALS:
            asyncio.get_running_loop().add_signal_handler(name, told.release)

    with closing(listen(settings)) as listening:
        await serve_on(listening, settings, told, take_signals)


async def serve_on(
    listening: socket.socket, settings: Settings, told: asyncio.Semaphore, on_serving: Callable[[Services], None]
) -> None:
    """Serve on a socket until `told` is released, which may be before anything is served; hurry at the next time.

    `on_serving` is called when the database is open.
    """
    memory.give_large_blocks_back()
    app = create_app(settings)
    services: Services = app.state.services
    server = Server(config(settings, app))
    async with app.router.lifespan_context(app):
        memory.settle()
        on_serving(services)
        stopping = asyncio.create_task(_stop_when_told(server, services, told))
        _log.info("serving", host=settings.host, port=settings.port, database=primary_url(settings).place)
        try:
            await server.serve(sockets=[listening])
        finally:
            stopping.cancel()
    _log.info("stopped")


def config(settings: Settings, app: object) -> uvicorn.Config:
    return uvicorn.Config(
        app,  # type: ignore[arg-type]
        lifespan="off",
        ws="none",  # an upgrade is then an ordinary request, answered in the envelope
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=True,
        forwarded_allow_ips=settings.trusted_proxies,
        timeout_keep_alive=_KEEP_ALIVE_SECONDS,
        timeout_graceful_shutdown=math.ceil(settings.shutdown_seconds),
    )


async def _stop_when_told(server: Server, services: Services, told: asyncio.Semaphore) -> None:
    await told.acquire()
    services.draining = True
    _log.info("stopping", drain_seconds=services.settings.drain_seconds)
    with suppress(TimeoutError):
        await asyncio.wait_for(told.acquire(), services.settings.drain_seconds)
    server.should_exit = True
    await told.acquire()
    server.force_exit = True
