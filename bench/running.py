"""A run: databases, servers, and the figures in rounds, floor, baseline and service one right after the other."""

import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from bench.databases import Databases
from bench.figures import BUSY, FLOOR, Figure, chosen, figures
from bench.kinds import Kind, Maker
from bench.measuring import Cost, measure, measure_calls, verify
from bench.population import speedy
from bench.process_costs import resident_megabytes
from bench.results import Measurement, Results
from bench.seeding import seed
from bench.servers import Server, plain_server, service, takes_workers
from bench.wrk import LoadFailed
from chatsvc.security.keys import new_key

_WARM_UP_SECONDS = 2


@dataclass(frozen=True)
class Plan:
    """How long is measured: `only` names figures, none means all."""

    rounds: int
    seconds: float
    kinds: tuple[str, ...]
    only: tuple[str, ...] = ()


def say(text: str) -> None:
    """To a person who watches."""
    print(text, flush=True)  # noqa: T201


def run_figures(plan: Plan, databases: Databases, results: Results) -> None:
    """Measure everything of one size into `results`. A figure that fails is told there, and the others go on."""
    population, keys = speedy(datetime.now(UTC)), new_key("bench")
    workers = (1, 2) if "postgresql" in plan.kinds and takes_workers() else ()
    wanted = chosen(figures(Maker(population, keys, databases.folder), plan.kinds, workers), plan.only)
    if not wanted:
        return
    subjects = {subject for figure in wanted for subject in figure.asked}
    urls = {}
    for needed in sorted({_database_of(subject) for subject in subjects} - {FLOOR}):
        say(f"seeding {population.messages:,} messages for {needed}")
        name, _, kind = needed.partition("/")
        urls[needed] = databases.new(kind, name)
        seed(urls[needed], population)
    with _servers(subjects, urls, keys, databases.folder) as servers:
        _warm_up(wanted, servers, results)
        for turn in range(1, plan.rounds + 1):
            for figure in wanted:
                _round(figure, turn, plan.seconds, servers, results)
        for name, server in servers.items():
            results.memory[name] = round(resident_megabytes(server.process), 1)
    results.checks |= {name: check(url) for name, url in urls.items()}


def _database_of(subject: str) -> str:
    """Several processes serve the database of the one; a floor has none."""
    return subject if not subject.startswith("workers") else f"service/{subject.partition('/')[2]}"


@contextmanager
def _servers(subjects: set[str], urls: dict[str, str], keys: str, folder: Path) -> Iterator[dict[str, Server]]:
    with ExitStack() as stack:
        running = {}
        for name in sorted(subjects):
            part = name.partition("/")[0]
            if name == FLOOR:
                opened = plain_server(name, keys, folder)
            elif part == "baseline":
                opened = plain_server(name, keys, folder, urls[name])
            elif part == "service":
                opened = service(name, keys, folder / part, urls[name])
            else:
                count = int(part.removeprefix("workers-"))
                opened = service(name, keys, folder / part, urls[_database_of(name)], workers=count, pin=False)
            running[name] = stack.enter_context(opened)
        yield running


def _warm_up(wanted: Sequence[Figure], servers: dict[str, Server], results: Results) -> None:
    """Each answer is looked at once, and then given for a while."""
    for figure in wanted:
        for subject, kind in figure.asked.items():
            say(f"trying {figure.name} on {subject}")
            try:
                verify(servers[subject], kind)
                measure(servers[subject], kind, connections=min(figure.connections[-1], BUSY), seconds=_WARM_UP_SECONDS)
            except (LoadFailed, RuntimeError) as error:
                failed(results, f"{figure.name}, {subject}, warming up: {error}")


def _round(figure: Figure, turn: int, seconds: float, servers: dict[str, Server], results: Results) -> None:
    for connections in figure.connections:
        for subject, kind in figure.asked.items():
            try:
                cost = _cost(figure, servers[subject], kind, connections, seconds)
            except LoadFailed as error:
                failed(results, f"{figure.name}, {subject}, {connections} connections: {error}")
                continue
            tell(results.add(figure.name, subject, connections, turn, cost))


def _cost(figure: Figure, server: Server, kind: Kind, connections: int, seconds: float) -> Cost:
    if figure.calls:
        return measure_calls(server, kind, figure.calls)
    # All are asked before the first is answered: for many connections that is a part of the run which counts nothing.
    longer = 2 if connections > BUSY else 1
    return measure(server, kind, connections=connections, seconds=longer * seconds)


def failed(results: Results, what: str) -> None:
    """Loud here, and kept for the page."""
    say(f"FAILED: {what}")
    results.failures.append(what)


def tell(made: Measurement) -> None:
    size = f" at {made.size:,}" if made.size else ""
    say(
        f"round {made.round}  {made.figure + size:<28} {made.subject:<22} {made.connections:>3} connections"
        f" {made.rate:>9.1f}/s  p50 {made.p50_ms:>8.2f} ms  p99 {made.p99_ms:>8.2f} ms  cpu {made.all_cpu_ms:>7.3f} ms"
    )


def check(url: str) -> str:
    """What `chatsvc check` says of a database, in one line."""
    say(f"checking {url.rpartition('/')[2]}")
    environment = {**os.environ, "CHATSVC_DATABASE_URL": url}
    command = [str(Path(sys.executable).with_name("chatsvc")), "check"]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=900, check=False)
    return "; ".join((done.stdout + done.stderr).strip().splitlines())
