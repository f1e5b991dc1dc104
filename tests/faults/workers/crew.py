"""A supervisor and its workers, seen from outside: by their log lines, their pids and what they answer."""

import asyncio
import json
import os
import signal
import socket
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any
from urllib.request import urlopen

import httpx2
from prometheus_client.parser import text_string_to_metric_families

from tests.support.postgres import children_of
from tests.support.processes import ServerProcess, plain_client


def until(holds: Callable[[], object], seconds: float = 30) -> None:
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def scraped(address: str) -> dict[tuple[str, frozenset[tuple[str, str]]], float]:
    """Each sample of a page of metrics."""
    with urlopen(address, timeout=10) as answer:
        families = list(text_string_to_metric_families(answer.read().decode()))
    return {(s.name, frozenset(s.labels.items())): s.value for family in families for s in family.samples}


def requests_to(route: str, samples: dict[tuple[str, frozenset[tuple[str, str]]], float]) -> float:
    name = "chatsvc_request_seconds_count"
    return sum(value for (of, labels), value in samples.items() if of == name and ("route", route) in labels)


@dataclass
class Crew:
    server: ServerProcess
    requests_before: int = 0

    @property
    def workers(self) -> set[int]:
        return set(children_of(self.server.process.pid))

    def events(self, event: str) -> list[dict[str, Any]]:
        lines = (line for line in self.server.output.read_text().splitlines() if line.startswith("{"))
        return [told for told in map(json.loads, lines) if told["event"] == event]

    def wait_for_workers(self, many: int) -> None:
        """That serve, of those that live."""
        until(lambda: len(self.workers & {told["worker"] for told in self.events("serving")}) == many, 60)

    def wait_for_starts(self, many: int) -> None:
        """In all, whatever became of them."""
        until(lambda: len(self.events("worker_started")) == many)

    def answered_by(self) -> Counter[int]:
        """Requests by worker, as they log them, since the last time that they were forgotten."""
        return Counter(told["worker"] for told in self.events("request")[self.requests_before :])

    def forget_requests(self) -> None:
        self.requests_before = len(self.events("request"))

    def kill(self, *pids: int) -> None:
        for pid in pids:
            os.kill(pid, signal.SIGKILL)

    def port_is_free(self) -> bool:
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", self.server.port))
                probe.listen()
            except OSError:
                return False
            return True

    @asynccontextmanager
    async def connections(self) -> AsyncIterator[list[httpx2.AsyncClient]]:
        """Clients of one kept connection each, until both workers have some: the kernel deals them out by a hash."""
        clients: list[httpx2.AsyncClient] = []
        try:
            while len(clients) < 8 or (len(self.answered_by()) < 2 and len(clients) < 64):
                clients.append(plain_client(self.server.address, timeout=20))
                assert (await clients[-1].get("/v1/server")).status_code == 200
            yield clients
        finally:
            await asyncio.gather(*(client.aclose() for client in clients))
