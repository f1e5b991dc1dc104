"""The whole service under wrk: what HTTP adds to a call, and what the simulation has to foretell."""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial

from bench import wrk
from bench.databases import Databases
from bench.kinds import Kind, Maker
from bench.measuring import verify
from bench.population import speedy
from bench.process_costs import cpu_seconds
from bench.reading import changes
from bench.running import check, say
from bench.scaling.costs import Run
from bench.scaling.measuring import postgres_process, set_up
from bench.scaling.meters import Spent, Watched, scheduled, spent, stretch
from bench.seeding import seed
from bench.sending import sends
from bench.servers import Server, service
from chatsvc.security.keys import new_key

_WARM_UP_SECONDS = 2
SLOW_MS = 10.0
"""A commit that waits so long before it syncs, as on a slow disk or with a synchronous standby far away."""
HOT, SPREAD, POLLS = "one conversation", "a hundred conversations", "polls, idle"


@dataclass(frozen=True)
class Wanted:
    """One run: `servers` processes, each asked over so many connections, with so long a wait before each sync."""

    name: str
    servers: int
    connections: int
    delay_ms: float = 0


WANTED = (
    Wanted(POLLS, 1, 32),
    *(Wanted(SPREAD, 1, connections) for connections in (1, 8, 32, 128)),
    *(Wanted(SPREAD, 1, connections, SLOW_MS) for connections in (1, 8, 32, 128)),
    *(Wanted(name, 2, 16, delay) for name in (SPREAD, HOT) for delay in (0, SLOW_MS)),
)


def measure_served(databases: Databases, rounds: int, seconds: float) -> tuple[list[Run], str]:
    """Every run in each round; and what `chatsvc check` says of the database at the end."""
    population, keys = speedy(datetime.now(UTC)), new_key("bench")
    maker = Maker(population, keys, databases.folder)
    url = databases.new("postgresql", "served")
    seed(url, population)
    kinds = {SPREAD: sends(maker), HOT: sends(maker, 1), POLLS: changes(maker, "readers")}
    with ExitStack() as stack:
        servers = [
            stack.enter_context(service(f"service-{at}", keys, databases.folder / f"service-{at}", url))
            for at in (1, 2)
        ]
        for server in servers:
            for kind in kinds.values():
                verify(server, kind)
                _load(server, kind, 32, _WARM_UP_SECONDS)
        runs = [
            _run(wanted, servers[: wanted.servers], kinds[wanted.name], seconds, databases)
            for _ in range(rounds)
            for wanted in WANTED
        ]
    return runs, check(url)


def _load(server: Server, kind: Kind, connections: int, seconds: float) -> wrk.Load:
    return wrk.run(server, kind.script, kind.arguments(), connections=connections, seconds=seconds)


def _run(wanted: Wanted, servers: list[Server], kind: Kind, seconds: float, databases: Databases) -> Run:
    set_up(databases, f"commit_delay = {int(wanted.delay_ms * 1_000)}", "commit_siblings = 0")
    postgres = postgres_process(databases)
    first = servers[0].process
    spent_by = partial(_spent, servers, postgres)
    before, ready, its = spent_by(), scheduled(first), scheduled(postgres, descendants=True)
    with Watched("wrk") as clients, ThreadPoolExecutor(len(servers)) as pool:
        loads = list(pool.map(lambda server: _load(server, kind, wanted.connections, seconds), servers))
    used = spent_by() - before
    requests = sum(load.requests for load in loads)
    made = Run(
        **vars(wanted),
        rate=round(sum(load.rate for load in loads), 1),
        p50_ms=round(max(load.p50_ms for load in loads), 3),
        p99_ms=round(max(load.p99_ms for load in loads), 3),
        service_ms=round(used.process_cpu * 1_000 / requests, 4),
        postgres_ms=round(used.postgres_cpu * 1_000 / requests, 4),
        messages_per_commit=round(requests * kind.stores / used.written, 2) if used.written else 0,
        sync_ms=round(used.sync_ms / used.syncs, 4) if used.syncs else 0,
        client_ms=round(clients.cpu_seconds * 1_000 / requests, 4),
        client_stretch=round(clients.stretch, 3),
        service_stretch=round(stretch(ready, scheduled(first)), 3),
        postgres_stretch=round(stretch(its, scheduled(postgres, descendants=True)), 3),
    )
    say(
        f"{wanted.name:<24} {wanted.servers} × {wanted.connections:>3}  +{wanted.delay_ms:>4} ms  {made.rate:>8.1f}/s"
        f"  p50 {made.p50_ms:>7.2f} ms  p99 {made.p99_ms:>7.2f} ms  group {made.messages_per_commit:>5.1f}"
        f"  stretched {made.client_stretch:.2f}, {made.service_stretch:.2f}, {made.postgres_stretch:.2f}"
    )
    return made


def _spent(servers: list[Server], postgres: int) -> Spent:
    return asyncio.run(
        spent(servers[0].database_url, postgres, lambda: sum(cpu_seconds(one.process) for one in servers))
    )
