"""The socket that the server listens on."""

import socket

from chatsvc.server import _listen
from chatsvc.settings import Settings


def test_an_answer_does_not_wait_for_the_clients_acknowledgement() -> None:
    """Of the packet before it: Nagle's algorithm and a delayed acknowledgement made 44 ms of every kept-alive call."""
    with _listen(Settings(port=0)) as listening, socket.create_connection(listening.getsockname()):
        accepted, _ = listening.accept()
        with accepted:
            assert accepted.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY) != 0
