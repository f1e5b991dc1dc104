"""The server process: uvicorn from our own entry point, stopping in the order that loses nothing."""

import asyncio
import math
import signal
import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import structlog
import uvicorn

from chatsvc.api.services import Services
from chatsvc.app import create_app
from chatsvc.db.urls import primary_url
from chatsvc.settings import Settings

_KEEP_ALIVE_SECONDS = 75  # longer than a reverse proxy keeps its own, or it would write into a closed connection
_BACKLOG = 2_048
_log = structlog.get_logger("chatsvc.server")


class Server(uvicorn.Server):
    """uvicorn, told to stop by us: its own handlers raise the signal again, which would end the process too early."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


async def serve(settings: Settings) -> None:
    """Serve until SIGTERM or SIGINT: then not ready, running requests finish, connections close. A second one hurries.

    Raises what opening the database raises, before anything listens.
    """
    app = create_app(settings)
    services: Services = app.state.services
    server = Server(_config(settings, app))
    listening = _listen(settings)
    async with app.router.lifespan_context(app):
        stopping = asyncio.create_task(_stop_on_signal(server, services))
        _log.info("serving", host=settings.host, port=settings.port, database=primary_url(settings).place)
        try:
            await server.serve(sockets=[listening])
        finally:
            stopping.cancel()
            listening.close()
    _log.info("stopped")


def _listen(settings: Settings) -> socket.socket:
    """The socket, or OSError: uvicorn's own way ends the process with a code of its own."""
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    listening = socket.create_server((settings.host, settings.port), family=family, backlog=_BACKLOG)
    # Accepted ones inherit it. asyncio sets it by itself only where a socket names its protocol, and without it every
    # second write waits for the client's delayed acknowledgement: 40 ms.
    listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return listening


def _config(settings: Settings, app: object) -> uvicorn.Config:
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


async def _stop_on_signal(server: Server, services: Services) -> None:
    told = asyncio.Event()
    loop = asyncio.get_running_loop()
    for name in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(name, told.set)
    await told.wait()
    services.draining = True
    told.clear()
    _log.info("stopping", drain_seconds=services.settings.drain_seconds)
    with suppress(TimeoutError):
        await asyncio.wait_for(told.wait(), services.settings.drain_seconds)
    server.should_exit = True
    await told.wait()
    server.force_exit = True
