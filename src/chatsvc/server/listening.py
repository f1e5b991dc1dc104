"""Sockets to listen on: one, or one for each of several processes at the same address."""

import socket

from chatsvc.settings import Settings

_BACKLOG = 2_048


def listen(settings: Settings) -> socket.socket:
    """The socket, or OSError: uvicorn's own way ends the process with a code of its own."""
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    listening = socket.create_server((settings.host, settings.port), family=family, backlog=_BACKLOG)
    _answer_at_once(listening)
    return listening


class SharedAddress:
    """An address for several processes, each with a socket of its own; held until it is closed.

    The kernel deals new connections out to those of the sockets that listen, by a hash: of 32 connections that come at
    the same moment two processes got between 9 and 23 each. On one socket for all, whoever wakes first takes: there it
    was between 3 and 29, and connections are kept, so that a core idles for as long. And a socket that belongs to one
    process ends with it: nobody waits in the queue of a dead one, as they would if it were held open here.
    """

    def __init__(self, settings: Settings) -> None:
        # Without this a second service would be let in, and get half of the connections.
        listen(settings).close()
        self._family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
        self._address: tuple[object, ...] = (settings.host, settings.port)
        self._held = self.socket()  # never listens, and so is dealt nothing: it keeps the port while nobody serves
        self._address = self._held.getsockname()

    def socket(self) -> socket.socket:
        """One more socket, bound, for a process that will listen on it as soon as it can serve."""
        made = socket.socket(self._family)
        try:
            if self._family == socket.AF_INET6:
                made.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
            made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
            _answer_at_once(made)
            made.bind(self._address)
        except OSError:
            made.close()
            raise
        return made

    def close(self) -> None:
        self._held.close()


def _answer_at_once(listening: socket.socket) -> None:
    # Accepted ones inherit it. asyncio sets it by itself only where a socket names its protocol, and without it every
    # second write waits for the client's delayed acknowledgement: 40 ms.
    listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
