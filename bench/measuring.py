"""One figure of one server: first what an answer holds, then the load, then whether the rows are there."""

import time
from dataclasses import dataclass
from statistics import quantiles

from bench import wrk
from bench.databases import stored
from bench.kinds import Kind
from bench.plain_requests import answer_to, answering
from bench.process_costs import cpu_seconds
from bench.servers import Server
from bench.wrk import Load, LoadFailed

_SETTLE_SECONDS = 10
_LOOK_EVERY_SECONDS = 0.1


@dataclass(frozen=True)
class Cost:
    """What a load was and what it cost: CPU is user and system time a request, of the server and of `beside`."""

    load: Load
    cpu_ms: float
    beside_cpu_ms: float = 0


def verify(server: Server, kind: Kind) -> None:
    """Raises LoadFailed unless the answer is what the figure claims."""
    if not kind.holds(answer_to(server.port, kind.example)):
        raise LoadFailed(f"{server.name} does not answer what {kind.name} claims")


def measure(server: Server, kind: Kind, *, connections: int, seconds: float, beside: int | None = None) -> Cost:
    """A run of wrk. `beside` is a process whose cost belongs to the server's: Postgres. Raises LoadFailed.

    Every answer that wrk counted has its rows; what was on its way when wrk stopped may have them too.
    """
    counts = bool(kind.stores and server.database_url)
    before = stored(server.database_url) if counts else 0
    cpu, other = cpu_seconds(server.process), cpu_seconds(beside) if beside else 0
    load = wrk.run(server, kind.script, kind.arguments(), connections=connections, seconds=seconds)
    spent = cpu_seconds(server.process) - cpu
    spent_beside = cpu_seconds(beside) - other if beside else 0
    if counts:
        least, most = (kind.stores * (load.requests + more) for more in (0, connections))
        if not least <= (added := _settled(server.database_url) - before) <= most:
            raise LoadFailed(f"{server.name} answered {least} times that a message is stored, and stored {added}")
    return Cost(load, spent * 1_000 / load.requests, spent_beside * 1_000 / load.requests)


def measure_calls(server: Server, kind: Kind, calls: int, *, beside: int | None = None) -> Cost:
    """So many calls, one after the other on one connection: for calls that are dear, where wrk would see a few."""
    request, times = kind.example, []
    with answering(server.port) as ask:
        begun, cpu, other = time.perf_counter(), cpu_seconds(server.process), cpu_seconds(beside) if beside else 0
        for _ in range(calls):
            sent = time.perf_counter()
            status, _ = ask(request)
            times.append((time.perf_counter() - sent) * 1_000)
            if status >= 300:
                raise LoadFailed(f"{kind.name} answered {status}")
        seconds, spent = time.perf_counter() - begun, cpu_seconds(server.process) - cpu
        spent_beside = cpu_seconds(beside) - other if beside else 0
    cuts = quantiles(times, n=100, method="inclusive")
    load = Load(calls, seconds, cuts[49], cuts[89], cuts[98], max(times))
    return Cost(load, spent * 1_000 / calls, spent_beside * 1_000 / calls)


def _settled(url: str) -> int:
    """How many messages there are once the requests that wrk left behind have come to their end."""
    give_up = time.monotonic() + _SETTLE_SECONDS
    before, now = -1, stored(url)
    while now != before and time.monotonic() < give_up:
        time.sleep(_LOOK_EVERY_SECONDS)
        before, now = now, stored(url)
    return now
