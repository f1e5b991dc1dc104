"""The sockets that servers listen on."""

import socket
from contextlib import closing

import pytest

from chatsvc.server.listening import SharedAddress, listen
from chatsvc.settings import Settings


def test_an_answer_does_not_wait_for_the_clients_acknowledgement() -> None:
    """Of the packet before it: Nagle's algorithm and a delayed acknowledgement made 44 ms of every kept-alive call."""
    with listen(Settings(port=0)) as listening, socket.create_connection(listening.getsockname()):
        accepted, _ = listening.accept()
        with accepted:
            assert accepted.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY) != 0


def test_nor_does_it_with_several_workers() -> None:
    with closing(SharedAddress(Settings(port=0))) as address, address.socket() as one:
        one.listen()
        with socket.create_connection(one.getsockname()), one.accept()[0] as accepted:
            assert accepted.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY) != 0


def test_connections_go_to_the_workers_that_listen_and_to_nobody_else() -> None:
    """Not to one that has not begun to serve, nor to one that has died: they would wait there."""
    with closing(SharedAddress(Settings(port=0))) as address:
        with address.socket() as one, address.socket(), address.socket() as gone:
            for served in (one, gone):
                served.listen(64)
            gone.close()
            place = one.getsockname()
            one.settimeout(5)
            for _ in range(32):
                with socket.create_connection(place), one.accept()[0]:
                    pass
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection(place)


@pytest.mark.parametrize("host", ["127.0.0.1", "::1"])
def test_an_address_that_is_served_is_not_shared_with_a_second_service(host: str) -> None:
    with closing(SharedAddress(Settings(host=host, port=0))) as address, address.socket() as one:
        one.listen()
        port = one.getsockname()[1]
        for second in (SharedAddress, listen):
            with pytest.raises(OSError, match="in use"):
                second(Settings(host=host, port=port))
