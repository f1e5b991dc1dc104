"""One request at a time, in plain Python: to see what an answer holds before anybody takes its time."""

import http.client
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

_SECONDS = 30


@dataclass(frozen=True)
class Request:
    """A request that may be sent again and again."""

    method: str
    path: str
    token: str = ""
    body: str = ""

    @property
    def headers(self) -> dict[str, str]:
        found = {"Authorization": f"Bearer {self.token}"} if self.token else {}
        return {**found, "Content-Type": "application/json"} if self.body else found


@contextmanager
def answering(port: int) -> Iterator[Callable[[Request], tuple[int, bytes]]]:
    """Ask a server on one connection that is kept; the answers are status and body."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=_SECONDS)

    def ask(request: Request) -> tuple[int, bytes]:
        connection.request(request.method, request.path, request.body or None, request.headers)
        response = connection.getresponse()
        return response.status, response.read()

    try:
        yield ask
    finally:
        connection.close()


def answer_to(port: int, request: Request) -> Any:
    """The `data` of the answer. Raises RuntimeError for one that is no success."""
    with answering(port) as ask:
        status, text = ask(request)
    if not 200 <= status < 300:
        raise RuntimeError(f"{request.method} {request.path} answered {status}: {text[:300]!r}")
    return json.loads(text)["data"]


def status_of(port: int, path: str) -> int:
    """The status of a GET; 0 when nobody listens."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=_SECONDS)
    try:
        connection.request("GET", path)
        return connection.getresponse().status
    except OSError:
        return 0
    finally:
        connection.close()
